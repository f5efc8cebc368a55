/** What durabilityWriter.ts writes, and durability.test.ts reads back. */

export const BUCKET = 'bucket';
export const TABLE = 'Table';

export const tableProperties = {
  KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }],
  AttributeDefinitions: ['pk', 'owner', 'sort'].map((AttributeName) => ({
    AttributeName,
    AttributeType: 'S',
  })),
  GlobalSecondaryIndexes: [
    {
      IndexName: 'byOwner',
      KeySchema: [
        { AttributeName: 'owner', KeyType: 'HASH' },
        { AttributeName: 'sort', KeyType: 'RANGE' },
      ],
      Projection: { ProjectionType: 'ALL' },
    },
  ],
};

/** The body of a round: its number, over and over, so that a part of it is seen to be one. */
export const bodyOf = (round: number) => Buffer.from(`${round}\n`.repeat(20_000));
