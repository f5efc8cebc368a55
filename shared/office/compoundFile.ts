/** What password-protected Office files and those before 2007 begin with ([MS-CFB] 2.2). */
export const COMPOUND_FILE_SIGNATURE: readonly number[] = [
  0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1,
];
