/**
 * Ends at once, in a sentence, where Node.js is too old: before anything is loaded that such a version
 * would answer with a SyntaxError. Plain old JavaScript, which every version reads.
 */
var version = process.versions.node;
var numbers = version.split('.');
var major = Number(numbers[0]);
var minor = Number(numbers[1]);

// As "engines" in package.json says. 21 and the first of 22 lack what was added to 20.15 and 22.2.
var suits = (major === 20 && minor >= 19) || (major === 22 && minor >= 12) || major > 22;
var needed = 'Sheaf needs Node.js 20.19 or later, or 22.12 or later; this is Node.js ';
if (!suits) {
  console.error(needed + version + '.');
  process.exit(1);
}
