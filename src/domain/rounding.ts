/** Divides, nothing below 0, and rounds to the nearest whole number; a half goes to the even neighbor. */
export function halfEven(dividend: bigint, divisor: bigint): bigint {
  const whole = dividend / divisor
  const twice = 2n * (dividend % divisor)
  return twice > divisor || (twice === divisor && whole % 2n === 1n) ? whole + 1n : whole
}
