export * from './canonical.ts';
export * from './commitment.ts';
export * from './evidence-bundle.ts';
export * from './leaf.ts';
export * from './log-state.ts';
export * from './merkle.ts';
export * from './merkle-reader.ts';
export * from './trust-anchors.ts';
