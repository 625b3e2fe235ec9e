/** Evidence that does not hold. The message is for people and completes the line of a failed claim. */
export class Refusal extends Error {
  override readonly name = 'Refusal';
}
