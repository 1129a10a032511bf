// The whole way of docs/api.md, with a client that openapi-typescript generates: every path, parameter and member below is checked by the compiler.
// Usage: NCSERVICE_URL=... NCSERVICE_TOKEN=... node built/whole-way.js
import createClient from "openapi-fetch";
import type { components, paths } from "./api.js";

type Job = components["schemas"]["JobDetails"];

const baseUrl = process.env["NCSERVICE_URL"];
const token = process.env["NCSERVICE_TOKEN"];
if (!baseUrl || !token) throw new Error("NCSERVICE_URL and NCSERVICE_TOKEN are needed");
const api = createClient<paths>({ baseUrl, headers: { Authorization: `Bearer ${token}` } });

/** The answer, or an error with the problem's own words. */
function unwrap<T>(result: { data?: T; error?: unknown; response: Response }): T {
  if (result.data === undefined) throw new Error(`${result.response.status} ${result.response.url}: ${JSON.stringify(result.error)}`);
  return result.data;
}

async function ended(id: number): Promise<Job> {
  for (;;) {
    const job = unwrap(await api.GET("/api/v1/jobs/{id}", { params: { path: { id } } }));
    if (job.state === "failed" || job.state === "cancelled") throw new Error(`job ${id} ${job.state}: ${job.error}`);
    if (job.state === "succeeded") return job;
    await new Promise(resolve => setTimeout(resolve, 200));
  }
}

function check(condition: boolean, what: string): void {
  if (!condition) throw new Error(`not so: ${what}`);
  console.log(`ok: ${what}`);
}

const dataset = unwrap(await api.POST("/api/v1/datasets", {
  body: {
    name: "typed",
    specification: { corpus: { kind: "textFile", path: "corpus.txt" }, tokenizer: { kind: "trained", vocabularySize: 300 }, contextLength: 32 },
  },
}));
await ended(dataset.jobId!);
check(true, "a dataset is prepared");

const definition = {
  name: "typed", dataset: "typed", heads: 2, batchSize: 8, learningRate: 0.01, maximumSteps: 20, analysisChunks: 8, permutations: 0,
  grids: [{ widths: [8], depths: [1], seeds: [0, 1, 2] }],
};
const key = { header: { "Idempotency-Key": "typed" } };
const { study } = unwrap(await api.POST("/api/v1/studies", { params: key, body: definition }));
const again = unwrap(await api.POST("/api/v1/studies", { params: key, body: definition }));
check(again.study.id === study.id, "the same request with the same key makes one study");
check(study.jobs.total === 6, "three trainings and three analyses are queued");

unwrap(await api.POST("/api/v1/studies/{id}/priority", { params: { path: { id: study.id } }, body: { priority: 3 } }));
const jobs = unwrap(await api.GET("/api/v1/jobs", { params: { query: { studyId: study.id, kind: ["analyseCheckpoint"], pageSize: 200 } } }));
for (const job of jobs.items) await ended(job.id);
check(jobs.total === 3, "every run is analysed");

const runs = unwrap(await api.GET("/api/v1/studies/{id}/runs", { params: { path: { id: study.id }, query: { state: ["succeeded"], sort: "validationLoss" } } }));
const best = runs.items[0]!;
check(runs.items.length === 3 && runs.items.every(run => run.validationLoss! >= best.validationLoss!), "runs are sorted by their loss");
const curve = unwrap(await api.GET("/api/v1/runs/{id}/curve", { params: { path: { id: best.id } } }));
check(curve.points.length > 1, "a run has a loss curve");
const analyses = unwrap(await api.GET("/api/v1/runs/{id}/analyses", { params: { path: { id: best.id } } }));
check(analyses.items[0]!.measurements.some(row => row.name === "cdnv"), "its analysis has measurements");
const details = unwrap(await api.GET("/api/v1/runs/{id}", { params: { path: { id: best.id } } }));
check(details.deviceSeconds > 0, "the run says what it cost");

const correlations = unwrap(await api.GET("/api/v1/studies/{id}/correlations", { params: { path: { id: study.id }, query: { outcome: "val_loss" } } }));
check(correlations.rows.length > 5, "measurements are correlated with the loss");
const test = unwrap(await api.POST("/api/v1/studies/{id}/permutation-tests", { params: { path: { id: study.id } }, body: { permutations: 1000, measurements: ["cdnv"] } }));
await ended(test.jobId!);
const tested = unwrap(await api.GET("/api/v1/permutation-tests/{id}", { params: { path: { id: test.id } } }));
check(tested.rows.length === 1, "a permutation test is done");

const csv = await fetch(`${baseUrl}/api/v1/studies/${study.id}/results.csv`, { headers: { Authorization: `Bearer ${token}` } }).then(response => response.text());
check(csv.split("\n").length >= 4, "results are exported");
const workers = unwrap(await api.GET("/api/v1/workers"));
check(workers.some(worker => worker.alive), "a worker lives");

const kept = await api.DELETE("/api/v1/datasets/{id}", { params: { path: { id: dataset.id } } });
check(kept.response.status === 409 && kept.error?.detail === `Dataset ${dataset.id} is used by study ${study.id} ('typed'). Delete that first.`, "a dataset in use is kept, and its user is named");
const deleted = [
  await api.DELETE("/api/v1/permutation-tests/{id}", { params: { path: { id: test.id } } }),
  await api.DELETE("/api/v1/analyses/{id}", { params: { path: { id: analyses.items[0]!.id } } }),
  await api.DELETE("/api/v1/runs/{id}", { params: { path: { id: best.id } } }),
  await api.DELETE("/api/v1/studies/{id}", { params: { path: { id: study.id } } }),
  await api.DELETE("/api/v1/datasets/{id}", { params: { path: { id: dataset.id } } }),
];
check(deleted.every(one => one.response.status === 204), "everything is deleted");

const wrong = await api.GET("/api/v1/studies/{id}", { params: { path: { id: 999999 } } });
check(wrong.response.status === 404 && wrong.error?.detail === "There is no study 999999.", "errors are problems");
