import { describe, expect, it } from 'vitest';
import { asSeen } from '../../../shared/columns/asSeen.ts';

describe('asSeen', () => {
  it.each([
    ['a curly apostrophe', 'Client’s name', "Client's name"],
    ['quotes of other languages', '„Titel“', '"Titel"'],
    ['guillemets with their blanks', '«\u00a0Nom\u202f»', '"Nom"'],
    ['a no-break space', 'First\u00a0name', 'First name'],
    ['two spaces', 'First  name', 'First name'],
    ['a line break', 'First\r\nname', 'First name'],
    ['other line ends', 'a\u2028b\u0085c\u2029d', 'a b c d'],
    ['an ideographic space', '姓\u3000名', '姓 名'],
    ['a zero-width space', 'First\u200b name', 'First name'],
    ['a soft hyphen', 'First na\u00adme', 'First name'],
    ['what is not seen between two blanks', 'First \u200b\ufeff name', 'First name'],
    ['a byte-order mark', 'na\ufeffme', 'name'],
    ['marks of direction', '\u200fname\u200e', 'name'],
    ['a variant selector', 'a\ufe0f', 'a'],
    ['a no-break hyphen', 'e\u2011mail', 'e-mail'],
    ['a dash', '2024–25', '2024-25'],
    ['a dash as it is typed', '2024--25', '2024-25'],
    ['a decomposed accent', 'Pre\u0301nom', 'Prénom'],
    ['full-width signs', '金额（元）：', '金额(元):'],
    ['a ligature', 'o\ufb03ce', 'office'],
    ['a blank before a French sign', 'Nom\u00a0:', 'Nom:'],
    ['blanks around', '\u00a0name ', 'name'],
    ['an acute for an apostrophe', 'Client´s', "Client's"],
  ])('takes away %s', (_, name, seen) => {
    expect(asSeen(name)).toBe(asSeen(seen));
    expect(asSeen(seen)).toBe(seen);
  });

  it('leaves what people see', () => {
    const names = [
      'name',
      'Name',
      'name.',
      'first_name',
      'first name',
      'm²',
      'm2',
      '①',
      '1',
      'é',
      'e',
    ];
    expect(new Set(names.map(asSeen)).size).toBe(names.length);
  });
});
