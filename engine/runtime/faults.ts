/** The numbered steps of engine.md at which a crash test may strike. Called before each step; what it throws ends the task. */
export type AtStep = (what: 'commit' | 'take-over', step: number, task: string) => void | Promise<void>
