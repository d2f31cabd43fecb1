/** `message` is for the operator: what of it strangers are told is for others to say, or they could look around with it. */
export class NotFetched extends Error {
  override readonly name = "NotFetched";
}
