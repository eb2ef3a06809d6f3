rotate_logs() {
  folder=$1
  keep=$2
  for log in "$folder"/*.log; do
    number=$keep
    while [ "$number" -gt 1 ]; do
      before=$((number - 1))
      if [ -f "$log.$before.gz" ]; then
        mv -f "$log.$before.gz" "$log.$number.gz"
      fi
      number=$before
    done
    gzip -c "$log" > "$log.1.gz" && : > "$log"
  done
}
