export interface LimitsTable {
  key: string;
  points: number;
  expire: number | null;
}
