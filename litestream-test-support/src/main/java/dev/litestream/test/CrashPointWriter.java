package dev.litestream.test;

import net.bytebuddy.jar.asm.ClassReader;
import net.bytebuddy.jar.asm.ClassVisitor;
import net.bytebuddy.jar.asm.ClassWriter;
import net.bytebuddy.jar.asm.MethodVisitor;
import net.bytebuddy.jar.asm.Opcodes;

/**
 * Writes the call of {@link CrashAgent#reached()} into a class. The call takes nothing
 * and returns nothing; so stack and frames stay as they are.
 */
final class CrashPointWriter {

	private static final String AGENT = "dev/litestream/test/CrashAgent";

	private final CrashPoint point;

	private int places;

	CrashPointWriter(CrashPoint point) {
		this.point = point;
	}

	byte[] rewrite(byte[] classFile) {
		ClassReader reader = new ClassReader(classFile);
		ClassWriter writer = new ClassWriter(reader, 0);
		reader.accept(new ClassVisitor(Opcodes.ASM9, writer) {

			@Override
			public MethodVisitor visitMethod(int access, String name, String descriptor, String signature,
					String[] exceptions) {
				MethodVisitor method = super.visitMethod(access, name, descriptor, signature, exceptions);
				return name.equals(CrashPointWriter.this.point.methodName()) ? new Method(method) : method;
			}

		}, 0);
		return writer.toByteArray();
	}

	/**
	 * In how many places of the class the call was written.
	 */
	int places() {
		return this.places;
	}

	private final class Method extends MethodVisitor {

		Method(MethodVisitor next) {
			super(Opcodes.ASM9, next);
		}

		private void write(boolean here) {
			if (here) {
				super.visitMethodInsn(Opcodes.INVOKESTATIC, AGENT, "reached", "()V", false);
				CrashPointWriter.this.places++;
			}
		}

		@Override
		public void visitCode() {
			super.visitCode();
			write(CrashPointWriter.this.point.isEntry());
		}

		@Override
		public void visitInsn(int opcode) {
			write(CrashPointWriter.this.point.isExit() && opcode >= Opcodes.IRETURN && opcode <= Opcodes.RETURN);
			super.visitInsn(opcode);
		}

		@Override
		public void visitMethodInsn(int opcode, String owner, String name, String descriptor, boolean isInterface) {
			write(CrashPointWriter.this.point.isBefore(owner, name));
			super.visitMethodInsn(opcode, owner, name, descriptor, isInterface);
			write(CrashPointWriter.this.point.isAfter(owner, name));
		}

	}

}
