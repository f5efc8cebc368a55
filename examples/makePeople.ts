/**
 * Makes examples/people.csv: 1,000 people for the offer letter, always the same. Run it with
 * `npx tsx examples/makePeople.ts`.
 *
 * A cell that is empty and quoted is an empty text; one that is empty and not quoted is absent. Absent
 * are the benefits that someone does not have, and two values that the letter cannot do without.
 */
import { writeFileSync } from 'node:fs';

const PEOPLE = 1_000;

/** The rows (1-based) that must fail under missingValue "error", and the column that each lacks. */
export const PEOPLE_WITHOUT: Readonly<Record<number, string>> = {
  214: 'start_date',
  731: 'manager',
};

/** A cell: a text, or undefined when it is absent. */
type Cell = string | undefined;

/** Picks and numbers that are the same on every machine (mulberry32). */
function createPicker(seed: number) {
  let state = seed;
  const below = (limit: number): number => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * limit);
  };
  const pick = <T>(choices: readonly T[]): T => choices[below(choices.length)] as T;
  /** Some of the choices, in their order. */
  const some = <T>(choices: readonly T[], count: number): T[] => {
    const left = choices.map((_, i) => i);
    while (left.length > count) left.splice(below(left.length), 1);
    return left.map((i) => choices[i] as T);
  };
  return { below, pick, some };
}
type Picker = ReturnType<typeof createPicker>;

interface Office {
  readonly city: string;
  readonly address: string;
  readonly country: string;
  readonly streets: readonly string[];
  readonly postcode: (picker: Picker) => string;
  readonly money: (amount: number) => string;
  /** Local currency for one euro, roughly. */
  readonly rate: number;
  readonly names: (picker: Picker) => string;
}

const thousands = (amount: number, mark: string) =>
  String(amount).replace(/\B(?=(?:\d{3})+$)/g, mark);

const western = (given: readonly string[], family: readonly string[]) => (picker: Picker) =>
  `${picker.pick(given)} ${picker.pick(family)}`;

const OFFICES: readonly Office[] = [
  {
    city: 'Lyon',
    address: '4 Quai Perrache, 69002 Lyon',
    country: 'France',
    streets: ['Rue des Lilas', 'Avenue de Saxe', 'Rue de la République', 'Chemin de l’Église'],
    postcode: ({ below }) => `6900${1 + below(9)} Lyon`,
    money: (amount) => `€ ${thousands(amount, ',')}`,
    rate: 1,
    names: western(
      ['Zoé', 'Amélie', 'François', 'Chloé', 'Étienne', 'Noël', 'Hélène', 'Loïc'],
      ['Müller', 'Lefèvre', 'D’Angelo', 'Béranger', 'Garçon', 'Œuvrard', 'Roux'],
    ),
  },
  {
    city: 'Shanghai',
    address: '上海市徐汇区淮海中路 999 号',
    country: '中国',
    streets: ['淮海中路', '南京西路', '衡山路', '复兴中路'],
    postcode: ({ below }) => `上海市 2000${10 + below(80)}`,
    money: (amount) => `¥ ${thousands(amount, ',')}`,
    rate: 7.8,
    names: ({ pick }) =>
      pick(['王', '李', '张', '刘', '陈', '欧阳', '司马', '黄']) +
      pick(['小明', '伟', '芳', '秀英', '娜', '静怡', '子轩', '雨桐']),
  },
  {
    city: 'Zürich',
    address: 'Löwenstrasse 12, 8001 Zürich',
    country: 'Schweiz',
    streets: ['Löwenstrasse', 'Seefeldstrasse', 'Höschgasse', 'Am Wasser'],
    postcode: ({ below }) => `800${1 + below(8)} Zürich`,
    money: (amount) => `CHF ${thousands(amount, '’')}`,
    rate: 1.4,
    names: western(
      ['Jürg', 'Björn', 'Ännchen', 'Søren', 'Þóra', 'Gül', 'Małgorzata', 'Urs "Uschi"'],
      ['Größl', 'Håkansson', 'Łukasiewicz', 'Yılmaz', 'Jónsdóttir', 'Strauß', 'von Känel'],
    ),
  },
  {
    city: 'São Paulo',
    address: 'Av. Paulista 1578, São Paulo',
    country: 'Brasil',
    streets: ['Rua Augusta', 'Avenida São João', 'Alameda Jaú', 'Rua da Consolação'],
    postcode: ({ below }) => `0${1000 + below(8000)}-000 São Paulo`,
    money: (amount) => `R$ ${thousands(amount, '.')}`,
    rate: 3.2,
    names: western(
      ['João', 'Conceição', 'Antônio', 'Luísa', 'Thaís', 'Nguyễn Thị'],
      ['Gonçalves', 'Araújo', 'Simões & Filho', 'Magalhães', 'Brandão', 'Hiếu'],
    ),
  },
  {
    city: 'Toronto',
    address: '200 King St W, Toronto',
    country: 'Canada',
    streets: ['King St W', 'Queen St E', 'Bloor St W', 'St. Clair Ave'],
    postcode: ({ below, pick }) =>
      `Toronto ON  M${1 + below(9)}${pick(['A', 'H', 'V'])} ${1 + below(9)}X${below(10)}`,
    money: (amount) => `CA$${thousands(amount, ',')}`,
    rate: 1.3,
    names: western(
      ['Robert "Bob"', 'Siobhán', 'Renée', 'Mary-Jane', 'Seán', 'Ana <Annie>'],
      ['O’Neill', 'Smith & Wesson', 'Núñez', 'Tremblay', 'Fitzgerald', 'X Æ'],
    ),
  },
];

const DEPARTMENTS = [
  {
    name: 'Research & Development',
    lead: 'Dr Amélie Roux',
    positions: ['Embedded Engineer', 'Optics Scientist', 'R&D Engineer <Sensors>'],
  },
  {
    name: 'Sales <EMEA & APAC>',
    lead: 'Tomás Núñez',
    positions: ['Account Manager', 'Sales Engineer "Field & Service"'],
  },
  { name: 'People & Culture', lead: '陈静', positions: ['Recruiter', 'Learning Partner'] },
  {
    name: 'Manufacturing',
    lead: 'Jürg Größl',
    positions: ['Process Engineer', 'Quality Manager (≥ 5 years)', 'Technician'],
  },
] as const;

/** In the order in which letters list them. */
const BENEFITS = [
  ['Pension "Plus"', '6 % of your salary, matched by us'],
  ['Health & family', 'Full cover for you\nand your children'],
  ['Public transport', 'A season ticket for the whole network'],
  ['Learning budget', 'Courses and books, "no questions asked"'],
  ['Sabbatical', 'Three months after > 5 years with us'],
] as const;

const NOTES = [
  'As agreed, we cover your move:\nplease send us the receipts.',
  'Your visa is under way; we will be in touch in < 10 days.',
  '请在入职前完成体检。\n体检费用由公司承担。',
  'Parking & bicycle room:\n\nask for "the blue key" at the desk.',
] as const;

const COLUMNS = [
  'reference',
  'name',
  'address',
  'position',
  'department',
  'location',
  'office_address',
  'start_date',
  'salary',
  'hours',
  'probation',
  'remote_days',
  'bonus',
  'manager',
  'manager_title',
  'offer_date',
  'reply_by',
  'note',
  'benefits[1].name',
  'benefits[1].value',
  'benefits[2].name',
  'benefits[2].value',
  'benefits[3].name',
  'benefits[3].value',
] as const;

const MONTHS = ['February', 'March', 'April', 'May', 'June'] as const;

function personOf(row: number, picker: Picker): Record<string, Cell> {
  const { below, pick, some } = picker;
  const office = pick(OFFICES);
  const department = pick(DEPARTMENTS);
  const euros = 38_000 + below(60) * 1_000;
  const money = (amount: number) => office.money(Math.round((amount * office.rate) / 100) * 100);
  const person: Record<string, Cell> = {
    reference: `MI-2026-${String(row).padStart(4, '0')}`,
    name: office.names(picker),
    address: [
      `${1 + below(180)} ${pick(office.streets)}`,
      office.postcode(picker),
      office.country,
    ].join('\n'),
    position: pick(department.positions),
    department: department.name,
    location: office.city,
    office_address: office.address,
    start_date: `1 ${pick(MONTHS)} 2026`,
    salary: money(euros),
    hours: pick(['40 hours', '38.5 hours', '32 hours']),
    probation: pick(['3', '6']),
    // Empty texts: the letter then says nothing of it.
    remote_days: pick(['', '', '1 day', '2 days', '3 days']),
    bonus: below(3) === 0 ? money(1_000 + below(5) * 500) : '',
    manager: department.lead,
    manager_title: `Head of ${department.name}`,
    offer_date: '5 January 2026',
    reply_by: `${19 + below(10)} January 2026`,
    note: below(4) === 0 ? pick(NOTES) : '',
  };
  some(BENEFITS, below(4)).forEach(([name, value], i) => {
    person[`benefits[${i + 1}].name`] = name;
    person[`benefits[${i + 1}].value`] = value;
  });
  const missing = PEOPLE_WITHOUT[row];
  if (missing !== undefined) person[missing] = undefined;
  return person;
}

/** A cell as RFC 4180 has it; an empty text is quoted, an absent one is not. */
function cellOf(cell: Cell): string {
  if (cell === undefined) return '';
  return cell === '' || /[",\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell;
}

/** The whole file: the names of the columns, then a line for each person. */
export function peopleCsv(): string {
  const picker = createPicker(2026);
  const lines = [COLUMNS.join(',')];
  for (let row = 1; row <= PEOPLE; row++) {
    const person = personOf(row, picker);
    lines.push(COLUMNS.map((column) => cellOf(person[column])).join(','));
  }
  return `${lines.join('\r\n')}\r\n`;
}

if (import.meta.filename === process.argv[1]) {
  writeFileSync(new URL('people.csv', import.meta.url), peopleCsv());
}
