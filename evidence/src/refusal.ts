/** Evidence that does not hold, or a value that is not of its shape. The message is for people and completes a line. */
export class Refusal extends Error {
  override readonly name = 'Refusal';
}
