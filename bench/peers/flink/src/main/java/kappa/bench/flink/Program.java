package kappa.bench.flink;

import kappa.bench.events.Settings;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.core.execution.CheckpointingMode;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;

/**
 * A query on Flink's DataStream API in one process (mini cluster): state on the heap (hashmap), exactly-once checkpoints to
 * local files, Kafka transactions at the sink, object reuse, tuples rather than generic types.
 */
public final class Program {
  public static void main(String[] arguments) throws Exception {
    Settings settings = new Settings(arguments);
    Configuration configuration = new Configuration();
    configuration.setString("state.backend.type", "hashmap");
    configuration.setString("execution.checkpointing.storage", "filesystem");
    configuration.setString("execution.checkpointing.dir", "file://" + settings.text("data"));
    configuration.setString("execution.checkpointing.max-concurrent-checkpoints", "1");
    configuration.setString("restart-strategy.type", "disable");
    configuration.setString("pipeline.object-reuse", "true");
    configuration.setString("pipeline.generic-types", "false");
    configuration.setString("rest.bind-port", "0");
    if (settings.number("prompt") == 1) {
      configuration.setString("execution.buffer-timeout.interval", "5 ms");
      configuration.setString("pipeline.auto-watermark-interval", "20 ms");
    }
    StreamExecutionEnvironment environment = StreamExecutionEnvironment.createLocalEnvironment(settings.number("threads"), configuration);
    environment.enableCheckpointing(settings.number("commit"), CheckpointingMode.EXACTLY_ONCE);
    new Queries(settings, environment).define();
    environment.execute(settings.text("name"));
  }
}
