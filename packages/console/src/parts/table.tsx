import type { ReactNode } from "react";
import { More, Pending, Scroll } from "./states.tsx";

interface TableProps {
  readonly label: string;
  readonly columns: readonly string[];
  /** Whether a last column has buttons. */
  readonly hasActions?: boolean;
  /** Default: rows become cards where there is little room. */
  readonly className?: string;
}

export function Table({
  label,
  columns,
  hasActions = false,
  className = "cards",
  children,
}: TableProps & { children: ReactNode }): ReactNode {
  return (
    <Scroll label={label}>
      <table className={className}>
        <thead>
          <tr>
            {columns.map((column) => (
              <th key={column} scope="col">
                {column}
              </th>
            ))}
            {hasActions && (
              <th scope="col">
                <span className="hidden">Actions</span>
              </th>
            )}
          </tr>
        </thead>
        <tbody>{children}</tbody>
      </table>
    </Scroll>
  );
}

interface ListTableProps<Row> extends TableProps {
  readonly of: Parameters<typeof Pending>[0]["of"] & Parameters<typeof More>[0]["of"];
  readonly rows: readonly Row[];
  readonly row: (row: Row) => ReactNode;
  /** In place of a table without rows. */
  readonly empty: ReactNode;
}

/** A list that comes page by page. */
export function ListTable<Row>({ of, rows, row, empty, ...table }: ListTableProps<Row>): ReactNode {
  return (
    <Pending of={of}>
      {rows.length === 0 ? empty : <Table {...table}>{rows.map(row)}</Table>}
      <More of={of} />
    </Pending>
  );
}
