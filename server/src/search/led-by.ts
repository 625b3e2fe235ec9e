/**
 * In the index of a contained resource: codes of the parameters by which its container refers to it. No search parameter can
 * have this name.
 */
export const LED_BY = ':led-by';
