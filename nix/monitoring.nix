# The configuration of monitoring/ as a derivation that exists only when every program accepts its part.
{
  lib,
  runCommand,
  prometheus,
  prometheus-alertmanager,
  prometheus-blackbox-exporter,
  grafana-loki,
  grafana-alloy,
  jq,
  compose,
}:
let
  folder = ../monitoring;
  has = name: builtins.pathExists (folder + "/${name}");
in
runCommand "omero-monitoring"
  {
    nativeBuildInputs = [
      prometheus.cli
      prometheus-alertmanager
      prometheus-blackbox-exporter
      grafana-loki
      grafana-alloy
      jq
    ];
    meta.description = "Rules, dashboards and settings of monitoring, each checked by the program that reads it";
  }
  (
    ''
      cp -r --no-preserve=mode ${folder} $out
      cp ${compose}/monitoring/prometheus.yml $out/prometheus.yml
      cd $out
      promtool check rules rules/*.yml
      promtool check config --syntax-only prometheus.yml
      amtool check-config alertmanager.yml
      blackbox_exporter --config.file=blackbox.yml --config.check
    ''
    + lib.optionalString (has "tests") ''
      promtool test rules tests/*.yml
    ''
    + lib.optionalString (has "loki/loki.yml") ''
      loki -verify-config -config.file=loki/loki.yml
    ''
    + lib.optionalString (has "alloy") ''
      for file in alloy/*.alloy; do alloy validate "$file"; alloy fmt --test "$file"; done
    ''
    + lib.optionalString (has "dashboards") ''
      for file in dashboards/*.json; do
        jq --exit-status '.uid != null and .title != null and (.panels | length) > 0' "$file" >/dev/null
      done
      test "$(jq -r .uid dashboards/*.json | sort | uniq -d)" = ""
    ''
  )
