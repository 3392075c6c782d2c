import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import java.util.regex.Pattern;

import jdk.internal.org.objectweb.asm.ClassWriter;
import jdk.internal.org.objectweb.asm.MethodVisitor;
import jdk.internal.org.objectweb.asm.Opcodes;
import one.profiler.AsyncProfiler;

/**
 * Records a small load once per profiling mode and dumps each recording twice,
 * as a page and as collapsed stacks: pairs that the reader of pages is held to.
 *
 *   javac --add-exports java.base/jdk.internal.org.objectweb.asm=ALL-UNNAMED -cp async-profiler-4.4.jar Pairs.java
 *   java  --add-exports java.base/jdk.internal.org.objectweb.asm=ALL-UNNAMED -cp async-profiler-4.4.jar:. Pairs OUT 4.4
 *
 * writes OUT/4.4-ITIMER.html, OUT/4.4-ITIMER.collapsed and so on.
 */
public class Pairs {
    private static final String[][] MODES = {
        {"ITIMER", "itimer"}, {"ALLOC", "alloc"}, {"LOCK", "lock"}, {"WALL", "wall"}, {"CPU", "cpu"},
    };
    /** Method names that the JVM allows and a careless reader trips over. */
    private static final String[] ODD = {"it's", "back\\slash", "quo\\'te", "naïve→", "naîve→", "a,b)", "two  words"};

    private static volatile Object sink;

    public static void main(String[] args) throws Exception {
        Path out = Files.createDirectories(Path.of(args[0]));
        AsyncProfiler profiler = AsyncProfiler.getInstance();
        Runnable odd = oddlyNamed();
        for (String[] mode : MODES) {
            String name = args[1] + "-" + mode[0];
            String options = ",threads".equals(args.length > 2 ? args[2] : "") ? ",threads" : "";
            try {
                profiler.execute("start,event=" + mode[1] + ",interval=" + interval(mode[0]) + options);
            } catch (Exception denied) {
                System.err.println(name + ": " + denied.getMessage());
                continue;
            }
            load(odd);
            profiler.execute("stop");
            profiler.execute("dump,collapsed,ann,file=" + out.resolve(name + ".collapsed"));
            profiler.execute("dump,flamegraph,file=" + out.resolve(name + ".html"));
        }
    }

    private static String interval(String mode) {
        return mode.equals("ALLOC") ? "500k" : mode.equals("LOCK") ? "1us" : mode.equals("WALL") ? "20ms" : "2ms";
    }

    private static void load(Runnable odd) throws InterruptedException {
        ReentrantLock lock = new ReentrantLock();
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            Thread thread = new Thread(() -> {
                long end = System.nanoTime() + 400_000_000L;
                while (System.nanoTime() < end) {
                    lock.lock();
                    try {
                        sink = recurse(12);
                    } finally {
                        lock.unlock();
                    }
                    sink = Pattern.compile("(a|b)+c").matcher("abababababababc").matches();
                    odd.run();
                }
            });
            thread.start();
            threads.add(thread);
        }
        for (Thread thread : threads) thread.join();
    }

    private static String recurse(int depth) {
        return depth == 0 ? String.format("%d-%s", depth, new byte[200]) : recurse(depth - 1) + depth;
    }

    /** work does the work below all of ODD's methods, each called by the one before it. */
    public static void work() {
        double x = 0;
        for (int i = 0; i < 20_000; i++) x += Math.sin(i) * Math.sqrt(i);
        sink = x + new int[50].length;
    }

    private static Runnable oddlyNamed() throws Exception {
        ClassWriter cw = new ClassWriter(ClassWriter.COMPUTE_FRAMES | ClassWriter.COMPUTE_MAXS);
        cw.visit(Opcodes.V11, Opcodes.ACC_PUBLIC, "odd/It's\\odd", null, "java/lang/Object", new String[] {"java/lang/Runnable"});
        MethodVisitor init = cw.visitMethod(Opcodes.ACC_PUBLIC, "<init>", "()V", null, null);
        init.visitCode();
        init.visitVarInsn(Opcodes.ALOAD, 0);
        init.visitMethodInsn(Opcodes.INVOKESPECIAL, "java/lang/Object", "<init>", "()V", false);
        init.visitInsn(Opcodes.RETURN);
        init.visitMaxs(0, 0);
        init.visitEnd();
        String next = "run";
        for (int i = 0; i <= ODD.length; i++) {
            MethodVisitor mv = cw.visitMethod(Opcodes.ACC_PUBLIC | (i == 0 ? 0 : Opcodes.ACC_STATIC), next, "()V", null, null);
            mv.visitCode();
            if (i < ODD.length) {
                next = ODD[i];
                // Called twice: one call's work is done here, the other's below.
                mv.visitMethodInsn(Opcodes.INVOKESTATIC, "odd/It's\\odd", next, "()V", false);
                mv.visitMethodInsn(Opcodes.INVOKESTATIC, "Pairs", "work", "()V", false);
            } else {
                mv.visitMethodInsn(Opcodes.INVOKESTATIC, "Pairs", "work", "()V", false);
            }
            mv.visitInsn(Opcodes.RETURN);
            mv.visitMaxs(0, 0);
            mv.visitEnd();
        }
        cw.visitEnd();
        byte[] bytes = cw.toByteArray();
        Class<?> made = new ClassLoader(Pairs.class.getClassLoader()) {
            Class<?> define() {
                return defineClass("odd.It's\\odd", bytes, 0, bytes.length);
            }
        }.define();
        return (Runnable) made.getDeclaredConstructor().newInstance();
    }
}
