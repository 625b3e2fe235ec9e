/**
 * Names the version of what the built-in search parameters make of a resource. Raise it with every change of what is
 * indexed: stores written by an earlier version are then indexed again, in the background.
 */
export const indexVersion = 9;
