// The place of a row in a list that is ordered by when its rows were made.

export interface CreatedKey {
  readonly createdAt: string;
  readonly id: string;
}
