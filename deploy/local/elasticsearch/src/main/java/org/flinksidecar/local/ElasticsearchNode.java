package org.flinksidecar.local;

import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.elasticsearch.common.logging.LogConfigurator;
import org.elasticsearch.common.settings.Settings;
import org.elasticsearch.env.Environment;
import org.elasticsearch.node.InternalSettingsPreparer;
import org.elasticsearch.node.Node;
import org.elasticsearch.plugins.PluginsLoader;

/**
 * Starts one Elasticsearch node in this JVM and runs it until the JVM is told to stop.
 *
 * <p>The launcher of the distribution is not published and would set up what a local node does without: a keystore,
 * entitlements of plugins, a second JVM to watch the first. What is left is this class.
 *
 * <pre>ElasticsearchNode HOME MODULES</pre>
 *
 * HOME holds {@code config/elasticsearch.yml} and {@code config/log4j2.properties}; the node writes {@code data/} and
 * {@code logs/} into it. MODULES is the directory of modules that the build made; several nodes may share it.
 */
public final class ElasticsearchNode {

    private static final long CLOSE_SECONDS = 20;

    private ElasticsearchNode() {}

    public static void main(String[] args) throws Exception {
        if (args.length != 2) {
            System.err.println("usage: ElasticsearchNode HOME MODULES");
            System.exit(2);
        }
        try {
            run(Path.of(args[0]).toAbsolutePath(), Path.of(args[1]).toAbsolutePath());
        } catch (Exception e) {
            // Some threads of a half-started node are no daemons and would keep the JVM alive.
            e.printStackTrace();
            System.exit(1);
        }
    }

    private static void run(Path home, Path modules) throws Exception {
        LogConfigurator.registerErrorListener();
        Environment environment = environment(home);
        LogConfigurator.setNodeName(Node.NODE_NAME_SETTING.get(environment.settings()));
        LogConfigurator.configure(environment, true);

        Node node = new Node(environment, plugins(modules));
        Runtime.getRuntime().addShutdownHook(new Thread(() -> close(node), "close-node"));
        node.start();
        // A node's threads are daemons: the JVM would end with this one. It ends by a signal, through the hook.
        new CountDownLatch(1).await();
    }

    private static Environment environment(Path home) {
        Settings settings = Settings.builder().put(Environment.PATH_HOME_SETTING.getKey(), home).build();
        return InternalSettingsPreparer.prepareEnvironment(settings, Map.of(), home.resolve("config"), () -> "local");
    }

    private static PluginsLoader plugins(Path modules) {
        return PluginsLoader.createPluginsLoader(
                PluginsLoader.loadModulesBundles(modules), Set.of(), Map.of(), false);
    }

    private static void close(Node node) {
        try {
            node.prepareForClose();
            node.close();
            node.awaitClose(CLOSE_SECONDS, TimeUnit.SECONDS);
        } catch (Exception e) {
            System.err.println("the node did not close cleanly: " + e);
        }
    }
}
