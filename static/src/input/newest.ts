/** Does one thing at a time; of what is offered meanwhile only the newest is done, so that no queue ever grows. */
export class Newest<Value> {
  private next: { value: Value } | null = null;
  private running = false;

  constructor(private readonly act: (value: Value) => Promise<void>) {}

  /** Whether something is being done. */
  get busy(): boolean {
    return this.running;
  }

  offer(value: Value): void {
    this.next = { value };
    if (!this.running) void this.run();
  }

  /** Forgets what waits. */
  drop(): void {
    this.next = null;
  }

  private async run(): Promise<void> {
    this.running = true;
    while (this.next) {
      const { value } = this.next;
      this.next = null;
      await this.act(value);
    }
    this.running = false;
  }
}
