const poolBytes = 4_096;
const mostAtOnce = 256;

/**
 * Random bytes, of which many are drawn at once: every write and every disclosure takes a few, and drawing them costs as
 * much as a hash. What is given out is kept here no longer.
 */
export function randomPool(draw: (bytes: number) => Uint8Array): (bytes: number) => Uint8Array {
  let pool: Uint8Array = new Uint8Array();
  let taken = 0;
  return (bytes) => {
    if (bytes > mostAtOnce) return draw(bytes);
    if (taken + bytes > pool.length) {
      pool = draw(poolBytes);
      taken = 0;
    }
    const own = Buffer.from(pool.subarray(taken, taken + bytes));
    pool.fill(0, taken, (taken += bytes));
    return own;
  };
}
