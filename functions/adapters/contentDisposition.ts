/**
 * The Content-Disposition header of a download (RFC 6266): an ASCII name for old clients, and the true
 * one in UTF-8 (RFC 8187), percent-encoded, so that no name can break out of the header.
 */
export function attachment(fileName: string): string {
  // Control characters and what quoted-string or old browsers stumble on become underscores.
  const ascii = fileName.replace(/[^\x20-\x7e]|["\\%/]/gu, '_');
  // Through UTF-8, so that half a surrogate pair, which encodeURIComponent refuses, is replaced.
  const wellFormed = Buffer.from(fileName).toString();
  const encoded = encodeURIComponent(wellFormed).replace(
    /['()*]/g,
    (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`,
  );
  return `attachment; filename="${ascii}"; filename*=UTF-8''${encoded}`;
}
