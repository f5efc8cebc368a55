import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { gunzip } from '../../../shared/dataSources/gunzip.ts';
import { readSource } from '../../../shared/dataSources/readSource.ts';
import { createMemoryObjectStore } from '../../support/memoryObjectStore.ts';
import { createEncoder } from '../../support/encodeText.ts';
import { pieces, problemsOf, readPieces } from './support.ts';

const CSV = { format: 'csv' } as const;
const CHINESE = '姓名,城市,部门\n王伟,上海,财务部\n李娜,深圳,人力资源部\n张敏,成都,技术部\n';
const JAPANESE = '氏名,住所\n山田太郎,東京都千代田区\n鈴木花子,大阪市\n';
const HALF_WIDTH = 'id,name\n1,ﾔﾏﾀﾞ ﾀﾛｳ\n2,ｽｽﾞｷ\n';
const GERMAN = 'name;city;note\nJürgen Groß;Köln;für 10 €\nZoë;Düsseldorf;“schön”\n';
const KOREAN = '이름,도시\n김철수,서울특별시\n박영희,부산광역시\n최민수,대구광역시\n';
const RUSSIAN = 'имя,город\nАлексей,Москва\nМария,Казань\n';
const TRADITIONAL = '姓名,城市\n陳大文,臺北市中正區\n林美麗,高雄市\n張學友,臺中市西區\n';

const encoded = (text: string, encoding: string) =>
  encoding === 'windows-1252'
    ? Buffer.from(
        text.replaceAll('€', '\x80').replaceAll('“', '\x93').replaceAll('”', '\x94'),
        'latin1',
      )
    : createEncoder(encoding)(text);

/** The table as rows of texts. */
function tableOf(text: string, delimiter = ',') {
  const [names = [], ...rows] = text
    .trimEnd()
    .split('\n')
    .map((line) => line.split(delimiter));
  return rows.map((cells) => Object.fromEntries(names.map((name, i) => [name, cells[i]])));
}

describe('an encoding that nobody names', () => {
  it.each([
    ['gb18030', CHINESE, ','],
    ['shift_jis', JAPANESE, ','],
    ['shift_jis', HALF_WIDTH, ','],
    ['windows-1252', GERMAN, ';'],
  ])('is found: %s', async (encoding, text, delimiter) => {
    const bytes = encoded(text, encoding);
    for (const cuts of [[], [7, 8, 9], [bytes.length - 1]]) {
      const { outcome, rows } = await readPieces(pieces(bytes, cuts), CSV);
      expect(rows).toEqual(tableOf(text, delimiter));
      expect(outcome).toMatchObject({ ok: true, found: { encoding, delimiter, headerRow: 1 } });
      if (!outcome.ok) throw new Error('It was read.');
      expect(outcome.warnings[0]).toMatch(
        new RegExp(`^The file is not UTF-8: .* line \\d, it was taken for ${encoding}\\.`),
      );
    }
  });

  it.each([
    ['euc-kr', KOREAN, 1],
    ['windows-1251', RUSSIAN, 1],
    ['big5', TRADITIONAL, 1],
    ['euc-jp', `a,b\n1,2\n${JAPANESE}きのうはいいてんきでした,そうですね\n`, 3],
  ])('is asked for where it would be a guess: %s', async (encoding, text, line) => {
    const bytes = encoded(text, encoding);
    expect(await problemsOf(readPieces([bytes], CSV))).toMatchObject([
      { code: 'ENCODING_UNKNOWN', line },
    ]);
    const { rows } = await readPieces([bytes], { ...CSV, encoding });
    expect(rows).toEqual(tableOf(text));
  });

  it('is that of the first such character, however late it comes', async () => {
    const ascii = 'name,city\n' + 'Ada,London\n'.repeat(150_000);
    const last = '李娜,上海\n王伟,北京市\n';
    for (const [encoding, bytes] of [
      ['utf-8', Buffer.from(ascii + last)],
      ['gb18030', Buffer.concat([Buffer.from(ascii), createEncoder('gb18030')(last)])],
    ] as const) {
      const { outcome, rows } = await readPieces([bytes], CSV);
      expect(outcome).toMatchObject({ ok: true, rowCount: 150_002, found: { encoding } });
      expect(rows?.at(-1)).toEqual({ name: '王伟', city: '北京市' });
      if (encoding === 'gb18030')
        expect(outcome).toMatchObject({ warnings: [expect.stringContaining('line 150002')] });
    }
  });

  it('is told where the file does not keep it to its end', async () => {
    const gb = createEncoder('gb18030');
    const chinese = gb(`姓名\n${'王伟\n李娜\n'.repeat(40_000)}`);
    const damaged = Buffer.concat([chinese, Uint8Array.of(0xff), gb('\n张敏\n')]);
    expect(await problemsOf(readPieces([damaged], CSV))).toMatchObject([
      { code: 'ENCODING_WRONG', line: 80_002 },
    ]);
  });

  it('is UTF-8 that is damaged, where nearly all of it is UTF-8', async () => {
    const bytes = Buffer.concat([
      Buffer.from('name\nZoë\nJürgen\nAndré\n'),
      Uint8Array.of(0x5a, 0xeb, 0x0a),
    ]);
    const [problem] = await problemsOf(readPieces([bytes], CSV));
    expect(problem).toMatchObject({ code: 'ENCODING_WRONG', line: 5 });
    expect(problem?.detail).toContain('Byte 27');
  });

  it.each(['utf16le', 'utf16be'])('is %s without a mark', async (order) => {
    const bytes = Buffer.from(CHINESE, 'utf16le');
    if (order === 'utf16be') bytes.swap16();
    const { outcome, rows } = await readPieces(pieces(bytes, [3]), CSV);
    expect(rows).toEqual(tableOf(CHINESE));
    expect(outcome).toMatchObject({
      found: { encoding: `utf-16${order.slice(-2)}` },
      warnings: [expect.stringContaining('no byte-order mark')],
    });
  });

  it('is in doubt where next to nothing shows it', async () => {
    // 毛 in GB18030, ë in UTF-8.
    const bytes = Buffer.concat([Buffer.from('id,name\n1,'), Uint8Array.of(0xc3, 0xab, 0x0a)]);
    const { outcome, rows } = await readPieces([bytes], CSV);
    expect(rows).toEqual([{ id: '1', name: 'ë' }]);
    expect(outcome).toMatchObject({ warnings: [expect.stringContaining('line 2')] });
    expect(await readPieces([Buffer.from('id,name\n1,Zoë\n')], CSV)).toMatchObject({
      outcome: { warnings: [] },
    });
  });

  it('is found in JSON, in JSON Lines and behind gzip, too', async () => {
    const objects = createMemoryObjectStore();
    const gb = createEncoder('gb18030');
    const line = '{"姓名":"王伟","城市":"上海"}\n';
    for (const [format, text] of [
      ['jsonl', line],
      ['json', `[${line}]`],
    ] as const) {
      const file = gzipSync(gb(text));
      const open = () =>
        gunzip(
          (async function* () {
            yield file;
          })(),
        );
      const outcome = await readSource(
        { objects },
        open,
        { format },
        {
          rowsKey: 'rows',
          indexKey: 'index',
        },
      );
      expect(outcome).toMatchObject({
        ok: true,
        columns: ['姓名', '城市'],
        found: { encoding: 'gb18030' },
      });
    }
  });
});

describe('an encoding that is named', () => {
  it('counts less than a byte-order mark, which is told', async () => {
    const { outcome, rows } = await readPieces([Buffer.from('\ufeffname\nZoë\n')], {
      ...CSV,
      encoding: 'windows-1252',
    });
    expect(rows).toEqual([{ name: 'Zoë' }]);
    expect(outcome).toMatchObject({
      found: { encoding: 'utf-8' },
      warnings: [expect.stringContaining('byte-order mark')],
    });
  });
});
