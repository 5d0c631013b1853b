"""SentinelOne's activities into PostgreSQL as a user of dlt would write it: a REST client with a cursor paginator, pages of
1,000, `id` as primary key, nested objects kept as JSON, and dlt's own defaults for everything else. It keeps no state
between windows (`dlt.sources.incremental` would look at every row), which is in dlt's favour.

Called with one JSON argument. A first window is loaded before anything is measured: imports, tables and the first inference
of a schema are no part of the figures. Prints a line of JSON when measuring begins and one when it has ended.
"""

import json
import resource
import sys
import time

import dlt
from dlt.sources.helpers.rest_client import RESTClient
from dlt.sources.helpers.rest_client.auth import APIKeyAuth
from dlt.sources.helpers.rest_client.paginators import JSONResponseCursorPaginator

# SentinelOne's maximum.
PAGE_LIMIT = 1000


def activities(console, window, write_disposition):
    """The activities of a window, a page at a time."""
    client = RESTClient(
        base_url=f"{console['url']}/web/api/v2.1",
        auth=APIKeyAuth(name="Authorization", api_key=f"ApiToken {console['token']}", location="header"),
        paginator=JSONResponseCursorPaginator(cursor_path="pagination.nextCursor", cursor_param="cursor"),
        data_selector="data",
    )

    @dlt.resource(name="activities", primary_key="id", write_disposition=write_disposition, max_table_nesting=0)
    def pages():
        yield from client.paginate(
            "/activities",
            params={
                "createdAt__gte": window["from"],
                "createdAt__lt": window["to"],
                "sortBy": "createdAt",
                "sortOrder": "asc",
                "skipCount": "true",
                "limit": PAGE_LIMIT,
            },
        )

    return pages()


def cpu_seconds():
    """Of this process and of the workers that it has waited for."""
    usages = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(usage.ru_utime + usage.ru_stime for usage in usages)


def say(line):
    print(json.dumps(line), flush=True)


def main(job):
    pipeline = dlt.pipeline(
        pipeline_name=job["dataset"],
        pipelines_dir=job["pipelinesDir"],
        destination=dlt.destinations.postgres(job["databaseUrl"]),
        dataset_name=job["dataset"],
    )

    def load(window):
        # None is dlt's own choice, files of INSERT statements; it raises when a load fails.
        resource_of_window = activities(job["console"], window, job["writeDisposition"])
        pipeline.run(resource_of_window, loader_file_format=job["loaderFileFormat"])

    load(job["warmUp"])
    say({"phase": "measuring"})
    cpu_before, started_at = cpu_seconds(), time.perf_counter()
    load(job["window"])
    say({"phase": "measured", "seconds": time.perf_counter() - started_at, "cpuSeconds": cpu_seconds() - cpu_before})


if __name__ == "__main__":
    main(json.loads(sys.argv[1]))
