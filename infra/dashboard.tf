# What to look at, from top to bottom: is it well, what did it bring, what did it cost, how is the database.

locals {
  day = 86400

  # Widgets of the job's own metrics. Each is drawn a day at a time.
  job_widgets = {
    outcome = {
      title   = "Runs: succeeded, failed, postponed"
      stat    = "Sum"
      metrics = { RunSucceeded = "succeeded", RunFailed = "failed", RunPostponed = "postponed (exit code 75)" }
    }
    freshness = {
      title   = "Age of the newest album at the end of a run"
      stat    = "Maximum"
      metrics = { FreshnessSeconds = "seconds" }
    }
    checks = {
      title   = "Failed checks, and runs postponed in a row"
      stat    = "Maximum"
      metrics = { ChecksFailed = "checks failed", PostponedInARow = "postponed in a row" }
    }
    loaded = {
      title   = "New albums, and rows loaded"
      stat    = "Sum"
      metrics = { NewAlbums = "new albums", RowsLoaded = "rows loaded" }
    }
    waiting = {
      title   = "Albums that wait for a later run"
      stat    = "Maximum"
      metrics = { AlbumsWaiting = "albums" }
    }
    calls = {
      title   = "Calls to Spotify and ReccoBeats, and how many were answered 429"
      stat    = "Sum"
      metrics = { Calls = "calls", RateLimited = "answered 429" }
    }
    seconds = {
      title   = "How long the runs took, and waited"
      stat    = "Sum"
      metrics = { RunSeconds = "seconds", WaitSeconds = "of them waited" }
    }
  }

  job_widget = {
    for name, widget in local.job_widgets : name => {
      type   = "metric"
      width  = 8
      height = 6
      properties = {
        title   = widget.title
        region  = var.region
        view    = "timeSeries"
        period  = local.day
        stat    = widget.stat
        metrics = [for metric, label in widget.metrics : [var.name, metric, { label = label }]]
        yAxis   = { left = { min = 0, showUnits = false } }
      }
    }
  }
}

resource "aws_cloudwatch_dashboard" "main" {
  dashboard_name = var.name

  dashboard_body = jsonencode({
    start          = "-P14D"
    periodOverride = "inherit"
    widgets = [
      {
        type   = "alarm"
        width  = 24
        height = 3
        properties = {
          title = "Alarms; docs/runbook.md says what to do"
          alarms = [
            aws_cloudwatch_metric_alarm.no_success.arn,
            aws_cloudwatch_metric_alarm.run_failed.arn,
            aws_cloudwatch_metric_alarm.checks_failed.arn,
            aws_cloudwatch_metric_alarm.postponed_in_a_row.arn,
            aws_cloudwatch_metric_alarm.not_started.arn,
            aws_cloudwatch_metric_alarm.database_storage.arn,
          ]
        }
      },
      local.job_widget.outcome,
      local.job_widget.freshness,
      local.job_widget.checks,
      local.job_widget.loaded,
      local.job_widget.waiting,
      local.job_widget.calls,
      local.job_widget.seconds,
      {
        type   = "metric"
        width  = 16
        height = 6
        properties = {
          title   = "How long each stage took"
          region  = var.region
          view    = "timeSeries"
          stacked = true
          # whatever stages there are
          metrics = [[{ expression = "SEARCH('{${var.name},Stage} MetricName=\"StageSeconds\"', 'Sum', ${local.day})", label = "$${PROP('Dim.Stage')}" }]]
          yAxis   = { left = { label = "seconds", min = 0, showUnits = false } }
        }
      },
      {
        type   = "log"
        width  = 24
        height = 6
        properties = {
          title  = "Warnings and errors"
          region = var.region
          view   = "table"
          query = join(" | ", [
            "SOURCE '${aws_cloudwatch_log_group.job.name}'",
            "fields @timestamp, level, @message, @logStream",
            "filter level in ['WARN', 'ERROR'] or @message like /^error/",
            "sort @timestamp desc",
            "limit 50",
          ])
        }
      },
      {
        type   = "metric"
        width  = 8
        height = 6
        properties = {
          title   = "Database: free storage"
          region  = var.region
          view    = "timeSeries"
          stat    = "Minimum"
          metrics = [["AWS/RDS", "FreeStorageSpace", "DBInstanceIdentifier", aws_db_instance.main.identifier, { label = "bytes" }]]
          yAxis   = { left = { min = 0, showUnits = false } }
        }
      },
      {
        type   = "metric"
        width  = 8
        height = 6
        properties = {
          title  = "Database: processor, and credits left"
          region = var.region
          view   = "timeSeries"
          metrics = [
            ["AWS/RDS", "CPUUtilization", "DBInstanceIdentifier", aws_db_instance.main.identifier, { label = "% used" }],
            ["AWS/RDS", "CPUCreditBalance", "DBInstanceIdentifier", aws_db_instance.main.identifier, { label = "credits", yAxis = "right" }],
          ]
          yAxis = { left = { min = 0, max = 100, showUnits = false }, right = { min = 0, showUnits = false } }
        }
      },
      {
        type   = "metric"
        width  = 8
        height = 6
        properties = {
          title   = "Database: connections"
          region  = var.region
          view    = "timeSeries"
          stat    = "Maximum"
          metrics = [["AWS/RDS", "DatabaseConnections", "DBInstanceIdentifier", aws_db_instance.main.identifier, { label = "connections" }]]
          yAxis   = { left = { min = 0, showUnits = false } }
        }
      },
    ]
  })
}
