/**
 * What WCAG 2.2 AA asks of a page and can be seen in its DOM, as it is now. An expression: it is run inside
 * the page, and gives a sentence for each fault.
 */
/* global document, getComputedStyle, innerWidth, innerHeight, Node, NodeFilter, HTMLElement, SVGElement */
(() => {
  const faults = [];
  const told = (element) => {
    const { tagName, id, className } = element;
    const classes = typeof className === 'string' ? className.trim().split(/\s+/).join('.') : '';
    const text = element.textContent?.trim().replace(/\s+/g, ' ').slice(0, 40) ?? '';
    return `<${tagName.toLowerCase()}${id && `#${id}`}${classes && `.${classes}`}> "${text}"`;
  };
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];
  /** Behind an open dialog nothing is reached; so what is looked at is the dialog. */
  const dialogs = all('dialog[open]');
  const scope = dialogs.at(-1) ?? document.body;

  const isShown = (element) => {
    if (!element.checkVisibility({ visibilityProperty: true })) return false;
    const { width, height } = element.getBoundingClientRect();
    return width > 0 && height > 0;
  };
  const isVisuallyHidden = (element) => {
    for (let at = element; at; at = at.parentElement) {
      if (getComputedStyle(at).clipPath === 'inset(50%)') return true;
    }
    return false;
  };
  const isSilent = (element) => element.closest('[aria-hidden="true"]') !== null;

  // The document.
  const { lang } = document.documentElement;
  if (!/^[a-z]{2}(-[A-Z]{2})?$/.test(lang)) faults.push(`The document has no language: "${lang}".`);
  if (document.title.trim() === '') faults.push('The document has no title.');
  const overflow = document.documentElement.scrollWidth - innerWidth;
  if (overflow > 0) {
    const widest = all('body *').filter(
      (one) => one.getBoundingClientRect().right > innerWidth + 1,
    );
    faults.push(
      `It scrolls sideways by ${overflow} px: ${widest.slice(0, 3).map(told).join(', ')}`,
    );
  }

  // Ids and what refers to them.
  const ids = new Set();
  for (const { id } of all('[id]')) {
    if (ids.has(id)) faults.push(`Two elements have the id ${id}.`);
    ids.add(id);
  }
  const REFERENCES = ['aria-labelledby', 'aria-describedby', 'aria-controls', 'aria-owns', 'for'];
  for (const name of REFERENCES) {
    for (const element of all(`[${name}]`)) {
      for (const id of element.getAttribute(name).split(/\s+/)) {
        if (!ids.has(id))
          faults.push(`${name} of ${told(element)} names ${id}, which is not there.`);
      }
    }
  }

  // Names.
  const textOf = (element) => {
    if (element.nodeType === Node.TEXT_NODE) return element.data;
    if (!(element instanceof HTMLElement || element instanceof SVGElement)) return '';
    if (element.getAttribute('aria-hidden') === 'true') return '';
    const label = element.getAttribute('aria-label') ?? element.getAttribute('alt');
    return label ?? [...element.childNodes].map(textOf).join('');
  };
  const nameOf = (element) => {
    const by = element.getAttribute('aria-labelledby');
    if (by)
      return by
        .split(/\s+/)
        .map((id) => textOf(document.getElementById(id) ?? document))
        .join(' ');
    const label = element.getAttribute('aria-label');
    if (label) return label;
    if (element.labels?.length > 0) return [...element.labels].map(textOf).join(' ');
    if (/^(INPUT|SELECT|TEXTAREA)$/.test(element.tagName)) return '';
    return textOf(element);
  };
  const CONTROLS =
    'a[href], button, input:not([type=hidden]), select, textarea, summary, [role=button], [role=tab]';
  const NAMED = `${CONTROLS}, dialog[open], [role=table], [role=progressbar], [role=region], [role=group], [role=img], nav, iframe, fieldset:not(:has(> legend))`;
  for (const element of [scope, ...all(NAMED, scope)]) {
    if (element === document.body || isSilent(element)) continue;
    if (nameOf(element).trim() === '') faults.push(`It has no name: ${told(element)}`);
  }
  for (const element of all('button[aria-label], a[aria-label]', scope)) {
    const seen = [...element.childNodes].map(textOf).join('').trim();
    const name = element.getAttribute('aria-label');
    if (!name.toLowerCase().includes(seen.toLowerCase())) {
      faults.push(`What is said is not what is seen: ${told(element)} is "${name}"`);
    }
  }
  for (const image of all('img', scope)) {
    if (!image.hasAttribute('alt')) faults.push(`A picture has no alt: ${told(image)}`);
  }
  for (const svg of all('svg', scope)) {
    if (!isSilent(svg) && !svg.getAttribute('role'))
      faults.push(`A picture says nothing: ${told(svg)}`);
  }

  // Headings and landmarks.
  const levels = all('h1, h2, h3, h4, h5, h6', scope).filter(isShown);
  const isPage = scope === document.body;
  if (isPage && levels.filter(({ tagName }) => tagName === 'H1').length !== 1) {
    faults.push(
      `The page has ${levels.map(({ tagName }) => tagName).join(', ')}: one h1 is right.`,
    );
  }
  let level = isPage ? 0 : 1;
  for (const heading of levels) {
    const own = Number(heading.tagName[1]);
    if (own > level + 1) faults.push(`A level is left out before ${told(heading)}`);
    level = own;
  }
  const regions = new Set();
  for (const region of all('section, [role=region], nav, form', scope)) {
    if (!region.matches('[aria-label], [aria-labelledby]') || !isShown(region)) continue;
    const landmark = `${region.matches('nav, form') ? region.localName : 'region'} ${nameOf(region)}`;
    if (regions.has(landmark)) faults.push(`Two landmarks have one name: ${told(region)}`);
    regions.add(landmark);
  }
  if (all('main').length !== 1) faults.push(`There are ${all('main').length} main landmarks.`);
  if (isPage) {
    const LANDMARKS = 'main, nav, header, footer, aside, dialog, .skip, [role=log], noscript';
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (walker.nextNode()) {
      const { parentElement, data } = walker.currentNode;
      if (data.trim() === '' || parentElement.closest(LANDMARKS)) continue;
      faults.push(`A text lies outside all landmarks: "${data.trim().slice(0, 40)}"`);
    }
    if (all('[aria-live=polite]').length === 0) faults.push('There is no live region.');
  }

  // Tables of roles.
  for (const table of all('[role=table]', scope)) {
    const columns = all('[role=columnheader]', table).length;
    for (const row of all('[role=row]', table)) {
      const cells = all(':scope > [role=cell], :scope > [role=columnheader]', row).length;
      if (cells !== columns) faults.push(`A row has ${cells} cells of ${columns}: ${told(row)}`);
    }
  }

  // The keyboard's order is that of the page.
  for (const element of all('[tabindex]', scope)) {
    if (element.tabIndex > 0) faults.push(`It jumps the queue of the Tab key: ${told(element)}`);
  }

  // Colours.
  const canvas = document.createElement('canvas').getContext('2d', { willReadFrequently: true });
  const parsed = new Map();
  const rgbaOf = (colour) => {
    let found = parsed.get(colour);
    if (!found) {
      canvas.clearRect(0, 0, 1, 1);
      canvas.fillStyle = colour;
      canvas.fillRect(0, 0, 1, 1);
      const [r, g, b, a] = canvas.getImageData(0, 0, 1, 1).data;
      found = [r, g, b, a / 255];
      parsed.set(colour, found);
    }
    return found;
  };
  const over = ([r, g, b, a], [br, bg, bb]) => [
    r * a + br * (1 - a),
    g * a + bg * (1 - a),
    b * a + bb * (1 - a),
    1,
  ];
  const backgroundOf = (element) => {
    const layers = [];
    for (let at = element; at; at = at.parentElement) {
      const colour = rgbaOf(getComputedStyle(at).backgroundColor);
      if (colour[3] > 0) layers.push(colour);
      if (colour[3] === 1) break;
    }
    return layers.reduceRight((below, layer) => over(layer, below), [255, 255, 255, 1]);
  };
  const luminance = (rgb) => {
    const [r, g, b] = rgb.slice(0, 3).map((value) => {
      const part = value / 255;
      return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const contrastOf = (one, other) => {
    const [dark, light] = [luminance(one), luminance(other)].sort((a, b) => a - b);
    return (light + 0.05) / (dark + 0.05);
  };
  const opacityOf = (element) => {
    let opacity = 1;
    for (let at = element; at; at = at.parentElement)
      opacity *= Number(getComputedStyle(at).opacity);
    return opacity;
  };
  const judged = new Set();
  const judgeText = (element, colour) => {
    const style = getComputedStyle(element);
    const background = backgroundOf(element);
    const [r, g, b, a] = rgbaOf(colour);
    const found = contrastOf(over([r, g, b, a * opacityOf(element)], background), background);
    const size = parseFloat(style.fontSize);
    const isLarge = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700);
    if (found < (isLarge ? 3 : 4.5)) faults.push(`Contrast ${found.toFixed(2)}: ${told(element)}`);
  };
  const texts = document.createTreeWalker(scope, NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) {
    const { parentElement: element, data } = texts.currentNode;
    if (data.trim() === '' || judged.has(element)) continue;
    judged.add(element);
    if (!isShown(element) || isVisuallyHidden(element)) continue;
    // What cannot be used now may be pale.
    if (element.closest('[aria-disabled="true"], :disabled, [aria-busy="true"]')) continue;
    // Pictures of documents have the documents' colours.
    if (element.closest('.preview-frame')) continue;
    judgeText(element, getComputedStyle(element).color);
  }
  for (const field of all('input, select, textarea', scope)) {
    if (!isShown(field) || isVisuallyHidden(field)) continue;
    if (field.placeholder) judgeText(field, getComputedStyle(field, '::placeholder').color);
    if (/^(checkbox|radio|file|range)$/.test(field.type)) continue;
    const around = backgroundOf(field.parentElement);
    const border = over(rgbaOf(getComputedStyle(field).borderTopColor), around);
    const found = contrastOf(border, around);
    if (found < 3)
      faults.push(`The edge of a field has contrast ${found.toFixed(2)}: ${told(field)}`);
  }

  // Size of what is aimed at; links within a text are as large as it is.
  for (const element of all(CONTROLS, scope)) {
    if (!isShown(element) || isVisuallyHidden(element)) continue;
    const label = element.closest('label') ?? element;
    const { width, height } = label.getBoundingClientRect();
    const isInText =
      getComputedStyle(element).display === 'inline' &&
      element.parentElement.textContent.trim() !== element.textContent.trim();
    if (isInText || (width >= 24 && height >= 24)) continue;
    // Small ones may stand alone: no other within 24 px of its middle.
    const middleOf = (rect) => [(rect.left + rect.right) / 2, (rect.top + rect.bottom) / 2];
    const [x, y] = middleOf(element.getBoundingClientRect());
    const isCrowded = all(CONTROLS, scope).some((other) => {
      if (other === element || !isShown(other) || isVisuallyHidden(other)) return false;
      const rect = other.getBoundingClientRect();
      const dx = Math.max(rect.left - x, 0, x - rect.right);
      const dy = Math.max(rect.top - y, 0, y - rect.bottom);
      return Math.hypot(dx, dy) < 12;
    });
    if (isCrowded) faults.push(`${Math.round(width)} × ${Math.round(height)} px: ${told(element)}`);
  }

  // Pictures that mean something, against what they stand on.
  const judgePart = (what, element, colour, ground) => {
    const [r, g, b, a] = rgbaOf(colour);
    const found = contrastOf(over([r, g, b, a], ground), ground);
    if (found < 3) faults.push(`${what} has contrast ${found.toFixed(2)}: ${told(element)}`);
  };
  const UNUSABLE = '[aria-disabled="true"], :disabled, [aria-busy="true"]';
  for (const icon of all('svg.icon', scope)) {
    if (!isShown(icon) || isVisuallyHidden(icon) || icon.closest(UNUSABLE)) continue;
    judgePart('A picture', icon.parentElement, getComputedStyle(icon).color, backgroundOf(icon));
  }
  for (const mark of all('.swatch, .dot', scope)) {
    if (!isShown(mark)) continue;
    const { backgroundColor, borderTopColor, borderTopWidth } = getComputedStyle(mark);
    const edge = parseFloat(borderTopWidth) >= 1 ? borderTopColor : backgroundColor;
    judgePart('A mark', mark.parentElement, edge, backgroundOf(mark.parentElement));
  }
  for (const line of all('svg[role=img] .line', scope)) {
    judgePart('A line', line, getComputedStyle(line).stroke, backgroundOf(line));
  }
  for (const bar of all('svg[role=progressbar]', scope)) {
    const parts = all('rect', bar).filter((one) => one.width.baseVal.value > 0);
    for (const part of parts.filter((one) => !one.matches('.left'))) {
      const { fill, stroke, strokeWidth } = getComputedStyle(part);
      // Between two of them a line, or colours that can be told apart.
      const isEdged = stroke !== 'none' && parseFloat(strokeWidth) >= 1;
      const beside = isEdged
        ? [stroke]
        : parts.filter((one) => one !== part).map((one) => getComputedStyle(one).fill);
      for (const one of beside) judgePart(`A part of a bar (${fill})`, bar, fill, rgbaOf(one));
    }
  }

  // Roles and attributes that there are, where they belong.
  const IMPLICIT = {
    A: 'link',
    ARTICLE: 'article',
    ASIDE: 'complementary',
    BUTTON: 'button',
    DIALOG: 'dialog',
    FIELDSET: 'group',
    FIGURE: 'figure',
    FOOTER: 'contentinfo',
    FORM: 'form',
    H1: 'heading',
    H2: 'heading',
    H3: 'heading',
    H4: 'heading',
    HEADER: 'banner',
    IMG: 'img',
    LI: 'listitem',
    MAIN: 'main',
    NAV: 'navigation',
    OL: 'list',
    SECTION: 'region',
    SELECT: 'combobox',
    SUMMARY: 'button',
    TABLE: 'table',
    TD: 'cell',
    TEXTAREA: 'textbox',
    TH: 'columnheader',
    TR: 'row',
    UL: 'list',
    DETAILS: 'group',
    IFRAME: 'document',
    SVG: 'img',
    HR: 'separator',
    DL: 'list',
    OUTPUT: 'status',
    PROGRESS: 'progressbar',
    TBODY: 'rowgroup',
    THEAD: 'rowgroup',
  };
  const INPUTS = { checkbox: 'checkbox', radio: 'radio', range: 'slider', number: 'spinbutton' };
  const roleOf = (element) => {
    const own = element.getAttribute('role');
    if (own) return own;
    if (element.tagName === 'INPUT') return INPUTS[element.type] ?? 'textbox';
    if (element.tagName === 'A' && !element.hasAttribute('href')) return 'generic';
    return IMPLICIT[element.tagName.toUpperCase()] ?? 'generic';
  };
  const ROLES =
    /^(alert|alertdialog|article|banner|button|cell|checkbox|columnheader|combobox|complementary|contentinfo|dialog|document|feed|figure|form|grid|gridcell|group|heading|img|link|list|listbox|listitem|log|main|menu|menubar|menuitem|meter|navigation|none|note|option|presentation|progressbar|radio|radiogroup|region|row|rowgroup|rowheader|search|searchbox|separator|slider|spinbutton|status|switch|tab|table|tablist|tabpanel|textbox|timer|toolbar|tooltip|tree|treeitem)$/;
  const NATIVE = /^(A|BUTTON|INPUT|SELECT|TEXTAREA|SUMMARY|NAV|MAIN|H[1-6]|TABLE|DIALOG)$/;
  const FLAG = /^(true|false)$/;
  const NUMBER = /^-?\d+(\.\d+)?$/;
  const FIELDS = [
    'textbox',
    'searchbox',
    'combobox',
    'checkbox',
    'radiogroup',
    'spinbutton',
    'slider',
    'listbox',
    'gridcell',
    'switch',
  ];
  const RANGES = ['progressbar', 'meter', 'slider', 'spinbutton', 'separator'];
  const USED = [
    'button',
    'link',
    'tab',
    'option',
    'menuitem',
    'group',
    'radio',
    'row',
    'grid',
    'toolbar',
    ...FIELDS,
  ];
  /** What an attribute may say, and the roles that have it; all, where none are named. */
  const ATTRIBUTES = {
    'aria-atomic': [FLAG],
    'aria-busy': [FLAG],
    'aria-checked': [/^(true|false|mixed)$/, ['checkbox', 'radio', 'switch', 'menuitem', 'option']],
    'aria-colcount': [NUMBER, ['table', 'grid']],
    'aria-colindex': [NUMBER, ['cell', 'gridcell', 'columnheader', 'rowheader', 'row']],
    'aria-controls': [/./],
    'aria-current': [/^(page|step|location|date|time|true|false)$/],
    'aria-describedby': [/./],
    'aria-description': [/./],
    'aria-disabled': [FLAG, USED],
    'aria-expanded': [
      FLAG,
      ['button', 'link', 'combobox', 'row', 'tab', 'treeitem', 'gridcell', 'checkbox'],
    ],
    'aria-haspopup': [
      /^(true|false|menu|listbox|tree|grid|dialog)$/,
      ['button', 'link', 'combobox', 'tab', 'textbox', 'gridcell'],
    ],
    'aria-hidden': [FLAG],
    'aria-invalid': [FLAG, FIELDS],
    'aria-keyshortcuts': [/./],
    'aria-label': [/./],
    'aria-labelledby': [/./],
    'aria-level': [NUMBER, ['heading', 'row', 'listitem', 'treeitem']],
    'aria-live': [/^(polite|assertive|off)$/],
    'aria-modal': [FLAG, ['dialog', 'alertdialog']],
    'aria-orientation': [
      /^(horizontal|vertical)$/,
      ['separator', 'slider', 'tablist', 'toolbar', 'listbox', 'radiogroup'],
    ],
    'aria-owns': [/./],
    'aria-posinset': [
      NUMBER,
      ['listitem', 'option', 'row', 'article', 'radio', 'tab', 'treeitem', 'menuitem'],
    ],
    'aria-pressed': [/^(true|false|mixed)$/, ['button']],
    'aria-readonly': [FLAG, FIELDS],
    'aria-relevant': [/./],
    'aria-required': [FLAG, FIELDS],
    'aria-roledescription': [/./],
    'aria-rowcount': [NUMBER, ['table', 'grid']],
    'aria-rowindex': [NUMBER, ['row', 'cell', 'gridcell', 'columnheader', 'rowheader']],
    'aria-selected': [
      FLAG,
      ['tab', 'option', 'row', 'gridcell', 'columnheader', 'rowheader', 'treeitem'],
    ],
    'aria-setsize': [
      NUMBER,
      ['listitem', 'option', 'row', 'article', 'radio', 'tab', 'treeitem', 'menuitem'],
    ],
    'aria-sort': [/^(ascending|descending|none|other)$/, ['columnheader', 'rowheader']],
    'aria-valuemax': [NUMBER, RANGES],
    'aria-valuemin': [NUMBER, RANGES],
    'aria-valuenow': [NUMBER, RANGES],
    'aria-valuetext': [/./, RANGES],
  };
  /** What a role is nothing without. */
  const NEEDED = {
    checkbox: 'aria-checked',
    heading: 'aria-level',
    meter: 'aria-valuenow',
    option: 'aria-selected',
    radio: 'aria-checked',
    slider: 'aria-valuenow',
    switch: 'aria-checked',
  };
  /** Where a role stands: in the nearest that has a role. */
  const WITHIN = {
    row: ['table', 'grid', 'rowgroup'],
    rowgroup: ['table', 'grid'],
    cell: ['row'],
    gridcell: ['row'],
    columnheader: ['row'],
    rowheader: ['row'],
    listitem: ['list'],
    tab: ['tablist'],
    option: ['listbox', 'combobox', 'group'],
  };
  for (const element of [scope, ...all('*', scope)]) {
    const role = roleOf(element);
    const own = element.getAttribute('role');
    if (own !== null) {
      if (!ROLES.test(own)) faults.push(`There is no role ${own}: ${told(element)}`);
      if (NATIVE.test(element.tagName) && IMPLICIT[element.tagName] === own)
        faults.push(`It has the role ${own} by itself: ${told(element)}`);
      if (
        element.matches('a[href], button, input, select, textarea') &&
        /^(heading|list|listitem|table|row|cell|img|none|presentation|region|group|status|log)$/.test(
          own,
        )
      )
        faults.push(`What can be used is told to be a ${own}: ${told(element)}`);
      const needed = NEEDED[own];
      if (
        needed &&
        !element.hasAttribute(needed) &&
        !element.matches('input, option, h1, h2, h3, h4')
      )
        faults.push(`The role ${own} needs ${needed}: ${told(element)}`);
    }
    const within = WITHIN[role];
    if (within && !isSilent(element)) {
      let at = element.parentElement;
      while (at && /^(generic|none|presentation)$/.test(roleOf(at))) at = at.parentElement;
      if (!at || !within.includes(roleOf(at)))
        faults.push(`A ${role} is in no ${within[0]}: ${told(element)}`);
    }
    for (const { name, value } of element.attributes) {
      if (!name.startsWith('aria-')) continue;
      const [values, roles] = ATTRIBUTES[name] ?? [];
      if (!values) faults.push(`There is no ${name}: ${told(element)}`);
      else if (!values.test(value) && !(name === 'aria-hidden' && value === ''))
        faults.push(`${name} cannot be "${value}": ${told(element)}`);
      else if (roles && !roles.includes(role))
        faults.push(`${name} says nothing on a ${role}: ${told(element)}`);
      else if (/^aria-label(ledby)?$/.test(name) && /^(generic|none|presentation)$/.test(role))
        faults.push(`${name} is not heard on what has no role: ${told(element)}`);
    }
    if (
      element.matches('[aria-hidden=true]') &&
      (element.tabIndex >= 0 ||
        element.querySelector('a[href], button, input, select, textarea, [tabindex="0"]'))
    )
      faults.push(`What is silent takes the focus: ${told(element)}`);
    if (
      element.matches('a[href], button, summary') &&
      element.querySelector('a[href], button, input, select, textarea, [tabindex]')
    )
      faults.push(`What can be used is within another: ${told(element)}`);
  }

  // Texts in another language than the page say so; names and files of people do not.
  const isChinese = lang.startsWith('zh');
  for (const element of all('p, button, label, h1, h2, h3, li, legend, a, dt', scope)) {
    const said = element.closest('[lang]').lang;
    const text = [...element.childNodes]
      .filter((one) => one.nodeType === Node.TEXT_NODE)
      .map((one) => one.data)
      .join('');
    if (!isShown(element)) continue;
    const isHan = /\p{Script=Han}{2}/u.test(text);
    if (!isChinese && isHan && !said.startsWith('zh'))
      faults.push(`It is in Chinese, and does not say so: ${told(element)}`);
    if (
      isChinese &&
      !isHan &&
      /[a-z]{2,} [a-z]{2,} [a-z]{2,} [a-z]{2,}/.test(text) &&
      !said.startsWith('en') &&
      !element.closest('[dir=auto]')
    )
      faults.push(`It is in English, and does not say so: ${told(element)}`);
  }

  // What scrolls can be scrolled by the keyboard.
  const FOCUSABLE =
    'a[href], button, input, select, textarea, summary, iframe, [tabindex]:not([tabindex="-1"])';
  for (const element of all('*', scope)) {
    if (
      element === document.body ||
      element.matches('textarea, select, input') ||
      !isShown(element)
    )
      continue;
    const { overflowX, overflowY } = getComputedStyle(element);
    const isScrolled =
      (/auto|scroll/.test(overflowX) && element.scrollWidth > element.clientWidth + 1) ||
      (/auto|scroll/.test(overflowY) && element.scrollHeight > element.clientHeight + 1);
    if (!isScrolled || element.matches(FOCUSABLE) || all(FOCUSABLE, element).some(isShown))
      continue;
    faults.push(`It scrolls, but not by the keyboard: ${told(element)}`);
  }

  // Texts are there as a whole, or show that they are cut, and where the rest is.
  const cut = new Set();
  const range = document.createRange();
  const words = document.createTreeWalker(scope, NodeFilter.SHOW_TEXT);
  const isTall = (style) => style.webkitLineClamp !== 'none' && style.webkitLineClamp !== '';
  while (words.nextNode()) {
    const { parentElement: element, data } = words.currentNode;
    if (
      data.trim() === '' ||
      cut.has(element) ||
      element.closest('.preview-frame, option, noscript')
    )
      continue;
    if (!isShown(element) || isVisuallyHidden(element)) continue;
    range.selectNodeContents(words.currentNode);
    const rect = range.getBoundingClientRect();
    if (rect.width === 0) continue;
    let isEllipsed = false;
    for (let at = element; at && at !== scope; at = at.parentElement) {
      const style = getComputedStyle(at);
      if (style.display === 'inline') continue;
      isEllipsed ||= style.textOverflow === 'ellipsis' || isTall(style);
      // What is scrolled to is there.
      if (/auto|scroll/.test(style.overflowX + style.overflowY)) break;
      const box = at.getBoundingClientRect();
      // Letters reach out of lines that stand close, by less than they are drawn.
      const isCut =
        (/hidden|clip/.test(style.overflowX) &&
          (rect.right > box.right + 1.5 || rect.left < box.left - 1.5)) ||
        (/hidden|clip/.test(style.overflowY) &&
          (rect.bottom > box.bottom + 4 || rect.top < box.top - 4));
      if (isCut) {
        cut.add(element);
        const isWhole = element.closest('[title], a[href], button') || at.querySelector('[title]');
        if (!isEllipsed) faults.push(`A text is cut off: ${told(element)}`);
        else if (!isWhole) faults.push(`A text is cut, and nowhere whole: ${told(element)}`);
        break;
      }
      if (style.position === 'fixed') break;
    }
  }
  for (const row of all('[role=row]', scope)) {
    if (getComputedStyle(row).position !== 'absolute' || isVisuallyHidden(row)) continue;
    const box = row.getBoundingClientRect();
    const outside = all('*', row).find((one) => {
      if (!isShown(one) || isVisuallyHidden(one) || one.closest('svg')) return false;
      const rect = one.getBoundingClientRect();
      return rect.bottom > box.bottom + 2 || rect.top < box.top - 2;
    });
    if (outside) faults.push(`It reaches out of its row: ${told(outside)}`);
  }
  return [...new Set(faults)];
})();
