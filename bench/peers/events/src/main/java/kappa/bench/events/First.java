package kappa.bench.events;

/** Tells the runner when the program took its first record: {@code first <milliseconds since 1970>} on standard output. */
public final class First {
  private static boolean told;

  private First() {}

  public static void record() {
    if (told) return;
    tell();
  }

  private static synchronized void tell() {
    if (told) return;
    told = true;
    System.out.println("first " + System.currentTimeMillis());
  }
}
