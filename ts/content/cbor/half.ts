// Half-precision floats (IEEE 754 binary16), which JavaScript has no type for.

/** Whether a number is one of half precision: 10 bits behind its first one, and none below 2^-24. */
export function fitsHalf(float: number): boolean {
  const size = Math.abs(float);
  const unit = 2 ** (Math.max(Math.floor(Math.log2(size)), -14) - 10);
  return size <= 65_504 ? Number.isInteger(size / unit) : size === Number.POSITIVE_INFINITY;
}
