/** Numbers from 0 to 1 that follow from the seed (mulberry32). What races decide does not follow from any seed. */
export type SeededRandom = () => number;

export function seededRandom(seed: number): SeededRandom {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

export function oneOf<Member>(random: SeededRandom, members: readonly Member[]): Member {
  return members[Math.floor(random() * members.length)]!;
}
