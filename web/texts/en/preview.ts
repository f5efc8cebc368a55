export const preview = {
  preview: {
    of: (name: string) => `Preview of ${name}`,
    note: 'Drawn by your browser: lines and pages may break elsewhere than in Word.',
    broken: 'This document cannot be drawn here. Open it in Word to look at it.',
    picture: 'Picture',
    chart: 'Chart',
  },
};
