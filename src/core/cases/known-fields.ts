/** Fields that filters, tables and sorting know by name; their types are checked where they are there. */
export const KNOWN_FIELDS = ['title', 'status', 'priority', 'assignee', 'tags', 'openedAt', 'dueAt'] as const;
export type KnownField = (typeof KNOWN_FIELDS)[number];
