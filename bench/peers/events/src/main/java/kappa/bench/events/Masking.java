package kappa.bench.events;

/** The masking that every program does alike. */
final class Masking {
  private Masking() {}

  /** {@code 10.1.2.3} as {@code 10.1.2.0}. */
  static String network(String ip) {
    return ip.substring(0, ip.lastIndexOf('.') + 1) + "0";
  }

  /** {@code anna@example.com} as {@code a***@example.com}. */
  static String initial(String email) {
    return email.charAt(0) + "***" + email.substring(email.indexOf('@'));
  }
}
