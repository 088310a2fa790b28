// Prints murmur2.golden.tsv: what Kafka's own Java client makes of keys, for the test of our partitioner.
//
// Run with Java 17 at the root of the checkout, after `make parts`, which fetches kafka-clients 4.1.1:
//
//   java -Dfile.encoding=UTF-8 -cp 'build/kafka/libs/*' tests/unit/kafka/Murmur2Vectors.java \
//       > tests/unit/kafka/murmur2.golden.tsv
//
// Columns: the key in hex, murmur2 as a signed 32-bit number, the partition of 3, of 12 and of 100.

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import org.apache.kafka.common.utils.Utils;

public class Murmur2Vectors {
    private static final int[] PARTITIONS = {3, 12, 100};

    public static void main(String[] arguments) {
        System.out.print("key_hex\tmurmur2\tof_3\tof_12\tof_100\n");
        keys().forEach(key -> System.out.print(line(key) + "\n"));
    }

    private static String line(byte[] key) {
        int hash = Utils.murmur2(key);
        StringBuilder line = new StringBuilder(HexFormat.of().formatHex(key)).append('\t').append(hash);
        for (int partitions : PARTITIONS) {
            line.append('\t').append(Utils.toPositive(hash) % partitions);
        }
        return line.toString();
    }

    private static List<byte[]> keys() {
        List<byte[]> keys = new ArrayList<>();
        everyLength(keys);
        everyHighBit(keys);
        for (String text : TEXTS) {
            keys.add(text.getBytes(UTF_8));
        }
        return keys;
    }

    /** Empty to 20 bytes, so that every length modulo 4 comes up several times. */
    private static void everyLength(List<byte[]> keys) {
        for (int length = 0; length <= 20; length++) {
            keys.add("abcdefghijklmnopqrst".substring(0, length).getBytes(UTF_8));
        }
    }

    /** Zero bytes and bytes that are negative in Java, in the body and in a tail of 1 to 3. */
    private static void everyHighBit(List<byte[]> keys) {
        for (int length = 1; length <= 8; length++) {
            byte[] zeros = new byte[length];
            byte[] ones = new byte[length];
            Arrays.fill(ones, (byte) 0xff);
            keys.add(zeros);
            keys.add(ones);
        }
    }

    private static final String[] TEXTS = {
        "default:alertmanager:default:d26035f958c7e705",
        "default:alertmanager:default:0000000000000000",
        "default:alertmanager:default:ffffffffffffffff",
        "default:alertmanager:eu-west-1:d26035f958c7e705",
        "default:grafana:default:57c6d9296de2ad39",
        "default:grafana:main:a1b2c3d4e5f60718",
        "default:generic:default:INC0012345",
        "default:generic:pingdom:4-4567",
        "acme:alertmanager:default:d26035f958c7e705",
        "acme-corp:alertmanager:prod-eu:8f14e45fceea167a",
        "tenant.with.dots:generic:default:host-17/disk",
        "é",
        "ü1",
        "Zürich",
        "naïve café",
        "Ελληνικά",
        "приветмир",
        "日本語",
        "日本語のキー",
        "한국어",
        "مرحبا",
        "🔥",
        "🔥🔥 disk",
        "default:generic:größe:überlauf-äöü",
        "default:generic:東京:ディスク満杯",
        "a\u0000b",
        "line\nbreak\tand tab",
        "The quick brown fox jumps over the lazy dog",
    };
}
