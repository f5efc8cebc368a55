/** What a page can do wrong for some people, and the sentence that accessibilityChecks.cjs finds it by. */

/** What is within main; undefined where nothing is wrong with it. */
export const WRONG_PAGES: readonly (readonly [body: string, fault: RegExp | undefined])[] = [
  ['<p>Right</p>', undefined],
  // Names, headings, references, colours, sizes.
  ['<button></button>', /It has no name/],
  ['<h3>Third</h3>', /A level is left out/],
  ['<p aria-describedby="nothing">P</p>', /names nothing, which is not there/],
  ['<p style="color:#999">Pale</p>', /^Contrast 2\./],
  [
    '<button aria-label="a" style="width:10px;min-height:0;height:10px;padding:0"></button><button aria-label="b" style="width:10px;min-height:0;height:10px;padding:0"></button>',
    /10 × 10 px/,
  ],
  ['<div style="width:200vw">wide</div>', /It scrolls sideways/],
  // Pictures, marks, lines, bars.
  [
    '<p style="color:#ccc"><svg class="icon" aria-hidden="true" width="20" height="20"></svg></p>',
    /A picture has contrast 1\./,
  ],
  [
    '<p><span class="swatch" style="display:inline-block;width:9px;height:9px;background:#ddd"></span> left</p>',
    /A mark has contrast 1\./,
  ],
  [
    '<svg role="img" aria-label="Rate"><polyline class="line" points="0,0 9,9" style="stroke:#ccc"/></svg>',
    /A line has contrast 1\./,
  ],
  [
    '<svg role="progressbar" aria-label="Half" aria-valuenow="50"><rect class="left" width="90" height="9" style="fill:#ddd"/><rect width="45" height="9" style="fill:#bbb"/></svg>',
    /A part of a bar .* has contrast 1\./,
  ],
  [
    '<svg role="progressbar" aria-label="Half" aria-valuenow="50"><rect class="left" width="90" height="9" style="fill:#ddd"/><rect width="45" height="9" style="fill:#575;stroke:#fff;stroke-width:2px"/></svg>',
    undefined,
  ],
  [
    '<label>F <input style="border:1px solid #ddd"></label>',
    /The edge of a field has contrast 1\./,
  ],
  // Roles and attributes.
  ['<div role="buton">x</div>', /There is no role buton/],
  ['<button role="heading">x</button>', /is told to be a heading/],
  ['<button role="button">x</button>', /has the role button by itself/],
  ['<span role="checkbox" tabindex="0">x</span>', /needs aria-checked/],
  ['<button aria-presed="true">x</button>', /There is no aria-presed/],
  ['<button aria-pressed="yes">x</button>', /aria-pressed cannot be "yes"/],
  ['<p aria-checked="true">x</p>', /aria-checked says nothing on a generic/],
  ['<div aria-label="Name">x</div>', /aria-label is not heard/],
  ['<div role="row">x</div>', /A row is in no table/],
  ['<div aria-hidden="true"><button>x</button></div>', /What is silent takes the focus/],
  ['<a href="#x">x <span tabindex="0">y</span></a>', /is within another/],
  // Languages.
  ['<p>中文文字</p>', /in Chinese, and does not say so/],
  ['<p lang="zh">中文文字</p>', undefined],
  // Scrolling.
  [
    '<div style="overflow:auto;height:40px"><p style="height:90px">x</p></div>',
    /It scrolls, but not by the keyboard/,
  ],
  [
    '<div style="overflow:auto;height:40px" tabindex="0" role="group" aria-label="n"><p style="height:90px">x</p></div>',
    undefined,
  ],
  // Texts that are cut.
  [
    '<p style="overflow:hidden;white-space:nowrap;width:40px">A text without an end</p>',
    /A text is cut off/,
  ],
  [
    '<p style="overflow:hidden;height:12px;width:60px">A text without an end</p>',
    /A text is cut off/,
  ],
  [
    '<p style="overflow:hidden;white-space:nowrap;text-overflow:ellipsis;width:40px">A text without an end</p>',
    /nowhere whole/,
  ],
  [
    '<p title="A text without an end" style="overflow:hidden;white-space:nowrap;text-overflow:ellipsis;width:40px">A text without an end</p>',
    undefined,
  ],
  [
    '<div role="table" aria-label="t" style="position:relative"><div role="row" style="position:absolute;height:20px"><div role="columnheader" style="height:60px">x</div></div></div>',
    /It reaches out of its row/,
  ],
];
