export function encode(value: string, format: string): string | undefined {
  const bytes = Buffer.from(value, 'utf8');
  if (format === 'base64' || format === 'hex') return bytes.toString(format);
  return format === 'urlbase64'
    ? bytes.toString('base64').replaceAll('+', '-').replaceAll('/', '_')
    : undefined;
}

export function decode(value: string, format: string): string | undefined {
  if (format === 'hex') return Buffer.from(value, 'hex').toString('utf8');
  return format === 'base64' || format === 'urlbase64'
    ? Buffer.from(value, format === 'base64' ? 'base64' : 'base64url').toString('utf8')
    : undefined;
}

const HTML: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
};

export function escape(value: string, format: string): string | undefined {
  if (format === 'html') return value.replace(/[&<>"]/g, (one) => HTML[one] ?? one);
  return format === 'json' ? JSON.stringify(value).slice(1, -1) : undefined;
}

export function unescape(value: string, format: string): string | undefined {
  if (format === 'json') return value.replace(/\\(.)/g, '$1');
  if (format !== 'html') return undefined;
  return value.replace(
    /&(?:amp|lt|gt|quot);/g,
    (entity) => Object.keys(HTML).find((one) => HTML[one] === entity) ?? entity,
  );
}
