/** The protocol of one session, in as few lines as it takes to say what a presented token is answered with. */
export const GRACE_SECONDS = 10;

/** What the row of docs/session-protocol.md's table comes to; the expiries are far away. */
export class Model {
  current = 0;
  retiredAt = new Map<number, number>();
  key: string | null = null;
  late: number | null = null;
  ended: string | null = null;

  /** The generation that is answered with, or the reason of the refusal. */
  present(generation: number, { byCookie, knownDevice, key }: Presentation, now: number): number | string {
    const browser = byCookie && knownDevice;
    const inGrace = (of: number): boolean => now - (this.retiredAt.get(of) ?? -Infinity) <= GRACE_SECONDS;
    const isBefore = generation === this.current - 1;
    if (this.ended !== null) return this.ended;
    if (generation === this.current && byCookie && inGrace(generation - 1)) return this.current;
    if (generation >= this.current) return this.rotate(generation, key, now);
    if (isBefore && key !== null && key === this.key) return this.repeat(generation, now);
    if (inGrace(generation) && (!byCookie || browser)) return this.current;
    const forgiven = isBefore && browser && this.late !== this.current && this.late !== generation;
    if (forgiven) this.late = this.current;
    return forgiven ? this.repeat(generation, now) : (this.ended = "refresh_token_reused");
  }

  rotate(generation: number, key: string | null, now: number): number {
    for (let retired = Math.min(this.current, generation); retired <= generation; retired++) this.retiredAt.set(retired, now);
    [this.current, this.key] = [generation + 1, key];
    return this.current;
  }

  repeat(generation: number, now: number): number {
    this.retiredAt.set(generation, now);
    return this.current;
  }

  copy(): Model {
    return Object.assign(new Model(), this, { retiredAt: new Map(this.retiredAt) });
  }
}

export interface Presentation {
  readonly byCookie: boolean;
  readonly knownDevice: boolean;
  readonly key: string | null;
}
