/** Cases that do not pass, each with its reason. */
export const DIFFERENT: Readonly<Record<string, string>> = {
  testDollarOrderNotAllowed:
    'wants an error for skip() on children(), which have no order: a check that FHIRPath leaves to the engine; ours gives them as they are written',
  testPlusDate19:
    'adds 0.1 seconds and wants no change; FHIRPath says that only what is coarser than seconds loses its decimals',
  LowBoundaryDecimal15:
    'rounds -0.00345 up to -0.0, above the value itself: no lower boundary (the case for -1.587 rounds down, as ours)',
  HighBoundaryDecimal15:
    'rounds 0.00345 down to 0.0, below the value itself: no upper boundary (the case for 1.587 rounds up, as ours)',
  HighBoundaryDecimal16: 'the same, with a sign before it',
  HighBoundaryDateTimeMillisecond1:
    'wants 08:00:59.999 as the end of an hour; the hour of 08 ends at 08:59:59.999',
  HighBoundaryDateTimeMillisecond3: 'the same expression again',
  testFHIRPathAsFunction21:
    'wants an error for as() on several items; expressions of search parameters of R4 itself use it so',
};
