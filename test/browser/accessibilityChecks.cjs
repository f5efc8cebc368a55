/**
 * What WCAG 2.2 AA asks of a page and can be seen in its DOM, as it is now. An expression: it is run inside
 * the page, and gives a sentence for each fault.
 */
/* global document, getComputedStyle, innerWidth, Node, NodeFilter, HTMLElement, SVGElement */
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
  return [...new Set(faults)];
})();
