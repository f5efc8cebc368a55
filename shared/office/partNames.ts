/** Parts that every package has: the types of all parts, and where it begins. */
export const CONTENT_TYPES_PART = '[Content_Types].xml';
export const ROOT_RELATIONSHIPS = '_rels/.rels';
