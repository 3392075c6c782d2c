import org.apache.flink.runtime.state.KeyGroupRangeAssignment;
import org.apache.flink.util.MathUtils;

/**
 * Prints how Flink assigns keys to subtasks, for the tests of this package.
 *
 * <p>Class path: flink-core, flink-core-api, flink-runtime and flink-annotations of one version. Run:
 * {@code java -cp JARS KeyGroups.java > keygroups.csv}
 */
public class KeyGroups {
    public static void main(String[] args) {
        System.out.println("key,hash_code,murmur,max_parallelism,parallelism,key_group,subtask");
        int[][] jobs = {{128, 1}, {128, 3}, {128, 4}, {128, 128}, {256, 7}, {720, 480}, {4096, 100}, {32768, 1000}};
        for (int[] job : jobs) {
            for (int i = 0; i < 40; i++) {
                print("flink-sidecar-" + i, job[0], job[1]);
            }
            for (String key : new String[] {"", "a", "zzzzzzzz", "fsp-01J0000000000000000000000A-0", "Kunde-ä", "客户-\uD83D\uDE80"}) {
                print(key, job[0], job[1]);
            }
        }
    }

    static void print(String key, int max, int parallelism) {
        int group = KeyGroupRangeAssignment.assignToKeyGroup(key, max);
        System.out.println(
                String.join(
                        ",",
                        key,
                        "" + key.hashCode(),
                        "" + MathUtils.murmurHash(key.hashCode()),
                        "" + max,
                        "" + parallelism,
                        "" + group,
                        "" + KeyGroupRangeAssignment.assignKeyToParallelOperator(key, max, parallelism)));
    }
}
