/** The name under which a source's checkpoints, producer and events are known. */
export const filesName = (source: string): string => `files-${source}`
