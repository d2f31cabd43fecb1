import { parseAllDocuments } from "yaml";
import { STOP_SECONDS } from "./stop-seconds.ts";

interface Probe {
  httpGet: { path: string };
}

interface Container {
  startupProbe?: Probe;
  readinessProbe?: Probe;
  livenessProbe?: Probe;
  lifecycle?: { preStop?: { sleep?: { seconds: number } } };
  resources?: { limits?: { memory?: string } };
  securityContext?: { allowPrivilegeEscalation?: boolean; readOnlyRootFilesystem?: boolean; capabilities?: { drop?: string[] } };
}

export interface Manifest {
  kind: string;
  spec: {
    replicas: number;
    minAvailable: number;
    template: {
      spec: {
        automountServiceAccountToken?: boolean;
        terminationGracePeriodSeconds: number;
        securityContext?: { runAsNonRoot?: boolean; seccompProfile?: unknown };
        containers: [Container];
      };
    };
  };
  stringData: Record<string, string>;
}

/** The manifests in a file. Throws where it is no YAML. */
export function parseManifests(text: string): Manifest[] {
  return parseAllDocuments(text).map((document) => {
    if (document.errors[0] !== undefined) throw document.errors[0];
    return document.toJS() as Manifest;
  });
}

/** What is wrong with our manifests by rules of our own, a sentence each; `check-kubernetes.ts` has those of Kubernetes. Pure. */
export function kubernetesProblems(text: string): string[] {
  const manifests = parseManifests(text);
  const of = (kind: string): Manifest | undefined => manifests.find((manifest) => manifest.kind === kind);
  const missing = ["Secret", "ConfigMap", "Deployment", "PodDisruptionBudget", "Service"].filter(
    (kind) => of(kind) === undefined,
  );
  const deployment = of("Deployment");
  if (missing.length > 0 || deployment === undefined) return [`there is no ${missing.join(", no ")}`];

  const problems: string[] = [];
  const { replicas, template: { spec: pod } } = deployment.spec;
  const [container] = pod.containers;
  if (replicas < 2 || (of("PodDisruptionBudget")?.spec.minAvailable ?? 0) >= replicas) {
    problems.push("one server has to stay while another is moved");
  }
  if (pod.automountServiceAccountToken !== false) problems.push("the server has no business with the cluster's API");
  if (pod.securityContext?.runAsNonRoot !== true || pod.securityContext.seccompProfile === undefined) {
    problems.push("the pod is not confined");
  }
  const { allowPrivilegeEscalation, readOnlyRootFilesystem, capabilities } = container.securityContext ?? {};
  if (allowPrivilegeEscalation !== false || readOnlyRootFilesystem !== true || capabilities?.drop?.includes("ALL") !== true) {
    problems.push("the container is not confined");
  }
  if (container.resources?.limits?.memory === undefined) problems.push("the container may take all memory of its node");
  if (container.startupProbe?.httpGet.path !== "/healthz" || container.livenessProbe?.httpGet.path !== "/healthz") {
    problems.push("whether it is alive is told by /healthz");
  }
  if (container.readinessProbe?.httpGet.path !== "/readyz") problems.push("whether it is ready is told by /readyz");
  const pause = container.lifecycle?.preStop?.sleep?.seconds ?? 0;
  if (pause === 0) problems.push("requests are still sent to it for a moment: it has to pause before it is stopped");
  if (pod.terminationGracePeriodSeconds <= pause + STOP_SECONDS) problems.push("it is killed before it has ended by itself");
  // The server refuses to start with less than 32.
  if ((of("Secret")?.stringData["OSTIARY_SECRET"] ?? "").length >= 32) problems.push("a secret that works is in the template");
  return problems;
}
