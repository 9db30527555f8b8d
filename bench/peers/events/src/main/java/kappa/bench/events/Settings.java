package kappa.bench.events;

import java.util.HashMap;
import java.util.Map;

/** What the runner tells a program: {@code name=value} arguments. Durations in milliseconds. */
public final class Settings {
  private final Map<String, String> values = new HashMap<>();

  public Settings(String[] arguments) {
    for (String argument : arguments) {
      int at = argument.indexOf('=');
      values.put(argument.substring(0, at), argument.substring(at + 1));
    }
  }

  public String text(String name) {
    String value = values.get(name);
    if (value == null) throw new IllegalArgumentException("missing argument " + name);
    return value;
  }

  public int number(String name) {
    return Integer.parseInt(text(name));
  }
}
