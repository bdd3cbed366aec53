"""Scripts that really run, as subprocesses with their own sessions."""

from __future__ import annotations

import threading
import time

import omero
import omero.scripts
import pytest
from omero.rtypes import rint, rlist, rlong, rstring, unwrap

HELLO = """
import sys
import omero.scripts as scripts
from omero.rtypes import rstring, rlong

client = scripts.client(
    "Hello.py", "Says hello.",
    scripts.String("Name", optional=False, grouping="1", description="Whom to greet", default="world"),
    scripts.Long("Times", grouping="2", min=1, max=5, default=2),
    scripts.String("Mood", grouping="3", values=[rstring("good"), rstring("bad")], default="good"),
    scripts.Bool("Fail", default=False),
    version="1.2", authors=["Alice"], institutions=["Lab"], contact="alice@example.org",
    namespaces=["example"],
)
try:
    given = client.getInputs(unwrap=True)
    print("hello " + given["Name"])
    print("careful", file=sys.stderr)
    user = client.sf.getAdminService().getEventContext().userName
    client.setOutput("Message", rstring(" ".join([given["Name"]] * given["Times"]) + " from " + user))
    client.setOutput("Count", rlong(given["Times"]))
    if given["Fail"]:
        sys.exit(3)
finally:
    client.closeSession()
"""
SLEEP = """
import time
import omero.scripts as scripts
client = scripts.client("Sleep.py", "Sleeps.")
print("asleep", flush=True)
time.sleep(600)
"""


@pytest.fixture(scope="module")
def lab(site):
    site.server.config.set("omero.scripts.processors", "2")
    site.group("lab", "rwr---", "alice", "bob")
    return site


@pytest.fixture(scope="module")
def hello(lab):
    with lab.client("root") as client:
        return client.sf.getScriptService().uploadOfficialScript("/test/Hello.py", HELLO)


@pytest.fixture(scope="module")
def sleep(lab):
    with lab.client("root") as client:
        return client.sf.getScriptService().uploadOfficialScript("/test/Sleep.py", SLEEP)


def run(client, script_id: int, **inputs):
    process = client.sf.getScriptService().runScript(script_id, inputs, None)
    return process, process.wait()


def text_of(client, tmp_path, file) -> str:
    target = tmp_path / f"{file.id.val}"
    client.download(file, str(target))
    return target.read_text()


def test_parameters_are_what_the_script_says(lab, hello):
    with lab.client("alice") as client:
        params = client.sf.getScriptService().getParams(hello)
    assert (params.name, params.version, params.description) == ("Hello.py", "1.2", "Says hello.")
    assert (params.authors, params.institutions, params.contact) == (["Alice"], ["Lab"], "alice@example.org")
    assert set(params.inputs) == {"Name", "Times", "Mood", "Fail"}
    times = params.inputs["Times"]
    assert (unwrap(times.prototype), unwrap(times.min), unwrap(times.max)) == (2, 1, 5)
    assert (times.optional, times.useDefault, times.grouping) == (True, True, "2")
    assert unwrap(params.inputs["Mood"].values) == ["good", "bad"]
    assert not params.inputs["Name"].optional


def test_a_script_runs_in_the_users_name_and_its_outputs_come_back(lab, hello, tmp_path):
    with lab.client("alice") as client:
        process, code = run(client, hello, Name=rstring("bob"), Times=rlong(3))
        assert code == 0
        assert unwrap(process.poll()) == 0
        results = process.getResults(0)
        assert unwrap(results["Message"]) == "bob bob bob from alice"
        assert unwrap(results["Count"]) == 3
        assert text_of(client, tmp_path, results["stdout"].val) == "hello bob\n"
        assert "careful" in text_of(client, tmp_path, results["stderr"].val)
        job = process.getJob().id.val
        rows = client.sf.getQueryService().projection(
            "select s.value, f.name from ScriptJob j join j.status s join j.originalFileLinks l join l.child f "
            "where j.id = :id order by f.name",
            omero.sys.ParametersI().addId(job),
        )
        assert unwrap(rows) == [["Finished", "Hello.py"], ["Finished", "stderr"], ["Finished", "stdout"]]


def test_defaults_fill_in_for_inputs_that_were_not_given(lab, hello):
    with lab.client("alice") as client:
        process, _ = run(client, hello)
        assert unwrap(process.getResults(0)["Message"]) == "world world from alice"


@pytest.mark.parametrize(
    ("inputs", "named"),
    [({"Times": rlong(9)}, "Times"), ({"Mood": rstring("sad")}, "Mood"), ({"Times": rstring("x")}, "Times")],
)
def test_bad_inputs_are_refused_by_name_before_anything_runs(lab, hello, inputs, named):
    with lab.client("alice") as client, pytest.raises(omero.ValidationException, match=named):
        client.sf.getScriptService().runScript(hello, inputs, None)


def test_a_failing_script_reports_its_return_code(lab, hello):
    with lab.client("alice") as client:
        process, code = run(client, hello, Fail=omero.rtypes.rbool(True))
        assert code == 3
        query = "select s.value from ScriptJob j join j.status s where j.id = :id"
        params = omero.sys.ParametersI().addId(process.getJob().id.val)
        assert unwrap(client.sf.getQueryService().projection(query, params)) == [["Error"]]


def test_clients_are_called_back_when_the_script_ends(lab, hello):
    with lab.client("alice") as client:
        process = client.sf.getScriptService().runScript(hello, {}, None)
        callback = omero.scripts.ProcessCallbackI(client, process, poll=False)
        assert callback.block(60_000) == "FINISHED"
        callback.close()


def test_the_proxy_can_be_stored_as_text_and_used_in_a_later_request(lab, hello):
    with lab.client("alice") as first:
        first.sf.detachOnDestroy()
        stored = str(first.sf.getScriptService().runScript(hello, {}, None))
        key = first.getSessionId()
        assert stored.startswith("ProcessCallback")
    client = omero.client(host=lab.address)
    client.joinSession(key)
    process = omero.grid.ScriptProcessPrx.checkedCast(client.ic.stringToProxy(stored))
    assert process.wait() == 0
    client.closeSession()


def test_a_cancelled_script_ends_and_its_job_says_so(lab, sleep):
    with lab.client("alice") as client:
        process = client.sf.getScriptService().runScript(sleep, {}, None)
        assert process.poll() is None
        with pytest.raises(omero.ApiUsageException, match="running"):
            process.getResults(0)
        process.kill()
        assert process.wait() != 0
        query = "select s.value from ScriptJob j join j.status s where j.id = :id"
        params = omero.sys.ParametersI().addId(process.getJob().id.val)
        assert unwrap(client.sf.getQueryService().projection(query, params)) == [["Cancelled"]]


def test_a_script_that_takes_too_long_is_ended(lab, sleep):
    lab.server.config.set("omero.scripts.timeout", "3000")
    try:
        with lab.client("alice") as client:
            process = client.sf.getScriptService().runScript(sleep, {}, None)
            assert process.wait() != 0
            query = "select j.message from ScriptJob j where j.id = :id"
            params = omero.sys.ParametersI().addId(process.getJob().id.val)
            assert "timed out" in unwrap(client.sf.getQueryService().projection(query, params))[0][0]
    finally:
        lab.server.config.set("omero.scripts.timeout", "3600000")


def test_when_all_slots_are_busy_there_is_no_processor(lab, sleep):
    with lab.client("alice") as client:
        service = client.sf.getScriptService()
        service.getParams(sleep)
        slots = int(lab.server.config.get("omero.scripts.processors"))
        from omero_embedded.scripts.shared import processor_of

        busy = [service.runScript(sleep, {}, None) for _ in range(processor_of(lab.server).slots)]
        assert slots >= 1
        with pytest.raises(omero.NoProcessorAvailable, match="No processor available"):
            service.runScript(sleep, {}, rint(0))
        for process in busy:
            threading.Thread(target=process.kill).start()
        for process in busy:
            process.wait()


def test_a_script_without_parameters_tells_what_went_wrong(lab):
    with lab.client("alice") as client:
        service = client.sf.getScriptService()
        script = service.uploadScript("/alice/Broken.py", "raise RuntimeError('nonsense')")
        with pytest.raises(omero.ValidationException, match="nonsense"):
            service.getParams(script)


def test_users_keep_their_own_scripts(lab):
    with lab.client("alice") as client:
        service = client.sf.getScriptService()
        script = service.uploadScript("/alice/Mine.py", HELLO)
        assert service.getScriptText(script) == HELLO
        service.editScript(omero.model.OriginalFileI(script, False), SLEEP)
        assert service.getScriptText(script) == SLEEP
        user = omero.model.ExperimenterI(lab.user_id("alice"), False)
        assert script in [file.id.val for file in service.getUserScripts([user])]
        assert script not in [file.id.val for file in service.getScripts()]
    with lab.client("bob") as client:
        service = client.sf.getScriptService()
        with pytest.raises(omero.SecurityViolation):
            service.editScript(omero.model.OriginalFileI(script, False), HELLO)
        with pytest.raises(omero.SecurityViolation):
            service.deleteScript(script)
    with lab.client("alice") as client:
        client.sf.getScriptService().deleteScript(script)
        with pytest.raises(omero.ValidationException):
            client.sf.getScriptService().getScriptText(script)


def test_official_scripts_are_changed_by_administrators_only(lab):
    with lab.client("alice") as client, pytest.raises(omero.SecurityViolation):
        client.sf.getScriptService().uploadOfficialScript("/test/Alices.py", HELLO)
    with lab.client("root") as client:
        service = client.sf.getScriptService()
        script = service.uploadOfficialScript("/test/Roots.py", HELLO)
        with pytest.raises(omero.ApiUsageException, match="editScript"):
            service.uploadOfficialScript("/test/Roots.py", HELLO)
        assert service.getScriptID("/test/Roots.py") == script
        (file,) = [file for file in service.getScripts() if file.id.val == script]
        assert (file.path.val, file.name.val) == ("/test/", "Roots.py")
        service.deleteScript(script)
        assert service.getScriptID("/test/Roots.py") == -1
    assert not (lab.server.data / "scripts" / "test" / "Roots.py").exists()


def test_an_official_script_without_parameters_is_not_taken(lab):
    with lab.client("root") as client:
        service = client.sf.getScriptService()
        with pytest.raises(omero.ValidationException, match="SyntaxError"):
            service.uploadOfficialScript("/test/Words.py", "these are only words")
        assert service.getScriptID("/test/Words.py") == -1
        assert service.uploadOfficialScript("/test/Words.py", HELLO) > 0


def test_an_official_script_that_loses_its_parameters_is_no_script_until_it_is_edited_again(lab):
    with lab.client("root") as client:
        service = client.sf.getScriptService()
        script = service.uploadOfficialScript("/test/Edited.py", HELLO)
        file = omero.model.OriginalFileI(script, False)
        with pytest.raises(omero.ValidationException, match="SyntaxError"):
            service.editScript(file, "these are only words")
        assert service.getScriptID("/test/Edited.py") == -1
        assert script not in [one.id.val for one in service.getScripts()]

        service.editScript(file, SLEEP)

        assert service.getScriptID("/test/Edited.py") == script
        assert service.getParams(script).name == "Sleep.py"


@pytest.mark.parametrize(
    ("path", "place"), [("../Up.py", "/Up.py"), ("/test/deep/../../Down.py", "/Down.py")]
)
def test_the_path_of_a_script_stays_below_the_folder_of_scripts(lab, path, place):
    with lab.client("root") as client:
        service = client.sf.getScriptService()
        script = service.uploadOfficialScript(path, HELLO)
        assert service.getScriptID(place) == script
        service.deleteScript(script)


def test_the_official_ome_scripts_are_there(lab):
    with lab.client("alice") as client:
        service = client.sf.getScriptService()
        paths = {file.path.val + file.name.val: file.id.val for file in service.getScripts()}
        assert "/omero/export_scripts/Batch_Image_Export.py" in paths
        assert "/omero/annotation_scripts/Import_from_csv.py" in paths
        params = service.getParams(paths["/omero/export_scripts/Batch_Image_Export.py"])
        assert "IDs" in params.inputs
        luts = [file.name.val for file in service.getScriptsByMimetype("text/x-lut")]
        assert "grays.lut" in luts or luts


def test_a_processor_runs_a_job_with_its_script_linked(lab, hello):
    with lab.client("alice") as client:
        job = omero.model.ScriptJobI()
        job.linkOriginalFile(omero.model.OriginalFileI(hello, False))
        processor = client.sf.sharedResources().acquireProcessor(job, 10)
        assert "Name" in processor.params().inputs
        hour_ms = 3_600_000
        assert processor.expires() == pytest.approx(time.time() * 1000 + hour_ms, abs=60_000)
        process = processor.execute(omero.rtypes.rmap({"Name": rstring("x")}))
        assert process.wait() == 0
        results = processor.getResults(process)
        assert unwrap(results)["Message"] == "x x from alice"
        processor.stop()


def test_ids_of_objects_can_be_given_as_lists(lab):
    text = HELLO.replace('scripts.Bool("Fail"', 'scripts.List("IDs").ofType(rlong(0)), scripts.Bool("Fail"')
    with lab.client("alice") as client:
        script = client.sf.getScriptService().uploadScript("/alice/Lists.py", text)
        _, code = run(client, script, IDs=rlist([rlong(1), rlong(2)]))
        assert code == 0


def test_job_handles_follow_a_job(lab, hello):
    with lab.client("alice") as client:
        handle = client.sf.createJobHandle()
        job = omero.model.ScriptJobI()
        job.linkOriginalFile(omero.model.OriginalFileI(hello, False))
        job_id = handle.submit(job)
        assert unwrap(handle.jobStatus().value) == "Submitted"
        assert handle.setStatus("Running") == "Submitted"
        assert handle.jobRunning()
        with pytest.raises(omero.ApiUsageException, match="Dancing"):
            handle.setStatus("Dancing")
        handle.setStatusAndMessage("Finished", rstring("all done"))
        assert handle.jobMessage() == "all done"
        assert handle.jobFinished() is not None
        handle.close()
    with lab.client("bob") as client:
        handle = client.sf.createJobHandle()
        handle.attach(job_id)
        with pytest.raises(omero.SecurityViolation):
            handle.setStatus("Error")
        handle.close()
