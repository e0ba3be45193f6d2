// A program on the client that is generated from the OpenAPI document: it need only compile.
import createClient from "openapi-fetch";
import type { paths } from "./api.js";

const client = createClient<paths>({ baseUrl: "http://127.0.0.1:8080" });

const stored = await client.POST("/v1/records", {
  body: { id: "call-1", model: "claude-sonnet-4-5", input_tokens: 1200, output_tokens: 300 },
});
const summary = await client.GET("/v1/summary", {
  params: { query: { period: "month", group_by: "model", limit: 10 } },
});
const dimensions = await client.GET("/v1/dimensions", { params: { query: { values_of: "model", limit: 10 } } });
const record = await client.GET("/v1/records/{id}", { params: { path: { id: "call-1" } } });
console.log(stored.response.status, summary.data, dimensions.data, record.data, record.error);
