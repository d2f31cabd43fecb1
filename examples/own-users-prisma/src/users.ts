/** The application's table of users, by Prisma, and what the auth server is given of it. */
import { PrismaLibSql } from "@prisma/adapter-libsql";
import type { DirectoryUser, UserDirectory } from "ostiary";
import { Prisma, PrismaClient } from "./generated/client.ts";
import type { User } from "./generated/client.ts";

export const prisma = new PrismaClient({ adapter: new PrismaLibSql({ url: process.env["DATABASE_URL"] ?? "file:./app.db" }) });

export const directory: UserDirectory = {
  async findByEmail(email) {
    const user = await prisma.user.findUnique({ where: { email } });
    return user && toDirectoryUser(user);
  },

  async findById(id) {
    // It may be asked for what never was an id here: then there is nobody.
    const user = /^\d{1,9}$/.test(id) ? await prisma.user.findUnique({ where: { id: Number(id) } }) : null;
    return user && toDirectoryUser(user);
  },

  async create({ email, name, passwordHash }) {
    try {
      return toDirectoryUser(await prisma.user.create({ data: { email, name, password: passwordHash } }));
    } catch (error) {
      if (error instanceof Prisma.PrismaClientKnownRequestError && error.code === "P2002") return null;
      throw error;
    }
  },

  async update(id, { passwordHash, name, roles, disabled }, onlyIf) {
    const role = roles && roleOf(roles);
    const data = {
      ...(passwordHash !== undefined && { password: passwordHash }),
      ...(name !== undefined && { name }),
      ...(role !== undefined && { role }),
      ...(disabled !== undefined && { disabled }),
    };
    if (Object.keys(data).length === 0) return directory.findById(id);
    const where = { id: Number(id), ...(onlyIf && { password: onlyIf.passwordHash }) };
    const [user] = await prisma.user.updateManyAndReturn({ where, data });
    return user && toDirectoryUser(user);
  },
};

const ROLES = { USER: ["user"], ADMIN: ["user", "admin"] } as const;

/** Other roles this table cannot say: it leaves its own as it is, and the server sees that in the row. */
function roleOf(roles: readonly string[]): User["role"] | undefined {
  const isExactly = (role: User["role"]): boolean => ROLES[role].toSorted().join() === roles.toSorted().join();
  return (["USER", "ADMIN"] as const).find(isExactly);
}

function toDirectoryUser({ id, password, role, ...user }: User): DirectoryUser {
  return { ...user, id: String(id), passwordHash: password, roles: ROLES[role] };
}
