# What this deployment is, and where

variable "name" {
  description = "Name of the deployment: the prefix of everything it makes, and the CloudWatch namespace of its metrics"
  type        = string
  default     = "firstpress"

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{1,23}[a-z0-9]$", var.name))
    error_message = "name must have 3 to 25 small letters, digits and hyphens, begin with a letter and not end with a hyphen."
  }
}

variable "region" {
  description = "AWS region, such as eu-central-1"
  type        = string

  validation {
    condition     = can(regex("^[a-z]{2}(-[a-z]+)+-[0-9]$", var.region))
    error_message = "region must be the name of an AWS region, such as eu-central-1."
  }
}

variable "protect_data" {
  description = "Keep the database, the images, the archive and the secrets from being destroyed. Set it to false, and apply, before a teardown"
  type        = bool
  default     = true
}

# The job

variable "image_version" {
  description = "What runs: a tag in the ECR repository, such as 0.1.0, or a digest, sha256:... A tag is never pushed twice"
  type        = string

  validation {
    condition     = can(regex("^(sha256:[0-9a-f]{64}|[A-Za-z0-9_][A-Za-z0-9._-]{0,127})$", var.image_version)) && var.image_version != "latest"
    error_message = "image_version must be a tag or a digest sha256:..., and not latest: what runs must be known, and tags cannot be pushed twice."
  }
}

variable "cpu_architecture" {
  description = "What the image is built for: ARM64, which costs a fifth less, or X86_64"
  type        = string
  default     = "ARM64"

  validation {
    condition     = contains(["ARM64", "X86_64"], var.cpu_architecture)
    error_message = "cpu_architecture must be ARM64 or X86_64."
  }
}

variable "task_cpu" {
  description = "CPU units of the task; 1024 are one vCPU"
  type        = number
  default     = 256

  validation {
    condition     = contains([256, 512, 1024, 2048, 4096], var.task_cpu)
    error_message = "task_cpu must be 256, 512, 1024, 2048 or 4096."
  }
}

variable "task_memory" {
  description = "Memory of the task in MiB. Fargate has 512, 1024 or 2048 for 256 CPU units, and 2 to 8 times the units for more"
  type        = number
  default     = 512

  validation {
    condition = (
      var.task_cpu == 256
      ? contains([512, 1024, 2048], var.task_memory)
      : var.task_memory % 1024 == 0 && var.task_memory >= var.task_cpu * 2 && var.task_memory <= min(var.task_cpu * 8, 30720)
    )
    error_message = "task_memory must be one that Fargate has for task_cpu: 512, 1024 or 2048 for 256, else whole GiB of 2 to 8 times task_cpu."
  }
}

variable "settings" {
  description = "More settings of the program, by their names in its environment, such as { SPOTIFY_MARKET = \"DE\" }. No secrets"
  type        = map(string)
  default     = {}

  validation {
    condition = alltrue([
      for name in keys(var.settings) :
      can(regex("^[A-Z][A-Z0-9_]*$", name)) && !can(regex("SECRET|PASSWORD|WEBHOOK|CLIENT_ID|DATABASE_URL", name))
    ])
    error_message = "settings takes names in capitals, and neither secrets nor DATABASE_URL: the deployment sets those itself."
  }
}

variable "log_days" {
  description = "How many days logs are kept"
  type        = number
  default     = 365

  validation {
    condition     = contains([30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827], var.log_days)
    error_message = "log_days must be a number of days that CloudWatch Logs has: 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096 or 1827."
  }
}

# The schedule

variable "schedule" {
  description = "When it runs, as EventBridge Scheduler writes it: at most once an hour, and at least once a day for the alarm on 26 hours without success to make sense"
  type        = string
  default     = "cron(0 6 * * ? *)"

  validation {
    condition     = can(regex("^(rate\\((1 hour|1 day|[2-9] hours|1[0-9] hours|2[0-4] hours)\\)|cron\\([0-5]?[0-9]( [^ ()]+){5}\\))$", var.schedule))
    error_message = "schedule must be rate(...) of 1 to 24 hours or 1 day, or cron(...) with one minute, so that a run comes at most once an hour."
  }
}

variable "schedule_timezone" {
  description = "Time zone in which the schedule is meant, such as Europe/Berlin"
  type        = string
  default     = "UTC"
}

variable "schedule_enabled" {
  description = "Whether the schedule starts runs. Set it to false until the image and the secrets are there, and to hold everything"
  type        = bool
  default     = true
}

# The network

variable "vpc_cidr" {
  description = "Addresses of the VPC, /16 to /24"
  type        = string
  default     = "10.42.0.0/20"

  validation {
    condition     = can(cidrhost(var.vpc_cidr, 0)) && try(tonumber(split("/", var.vpc_cidr)[1]) >= 16 && tonumber(split("/", var.vpc_cidr)[1]) <= 24, false)
    error_message = "vpc_cidr must be a block of IPv4 addresses from /16 to /24, such as 10.42.0.0/20."
  }
}

variable "nat_gateway" {
  description = "Run the task in private subnets behind a NAT gateway (about 33 USD a month more) instead of in public ones, with a public address and nothing let in"
  type        = bool
  default     = false
}

variable "bi_cidrs" {
  description = "Blocks of private addresses from which BI tools may reach the database, by VPN or VPC peering"
  type        = set(string)
  default     = []

  validation {
    condition     = alltrue([for block in var.bi_cidrs : can(cidrhost(block, 0)) && can(regex("^(10\\.|172\\.(1[6-9]|2[0-9]|3[01])\\.|192\\.168\\.)", block))])
    error_message = "bi_cidrs must be blocks of private IPv4 addresses (10/8, 172.16/12, 192.168/16): the database cannot be reached from the internet."
  }
}

variable "bi_security_group_ids" {
  description = "Security groups in this VPC, or in a peered one, whose members may reach the database"
  type        = set(string)
  default     = []

  validation {
    condition     = alltrue([for id in var.bi_security_group_ids : can(regex("^sg-[0-9a-f]+$", id))])
    error_message = "bi_security_group_ids must be ids of security groups, sg-..."
  }
}

# The database

variable "database_version" {
  description = "Postgres version. A major version alone lets RDS choose the minor one and keep it up to date"
  type        = string
  default     = "17"

  validation {
    condition     = can(regex("^1[6-8](\\.[0-9]+)?$", var.database_version))
    error_message = "database_version must be 16, 17 or 18, with or without a minor version."
  }
}

variable "database_instance_class" {
  description = "RDS instance class"
  type        = string
  default     = "db.t4g.micro"

  validation {
    condition     = startswith(var.database_instance_class, "db.")
    error_message = "database_instance_class must be an RDS instance class, such as db.t4g.micro."
  }
}

variable "database_storage_gb" {
  description = "Storage at the start, in GiB"
  type        = number
  default     = 20

  validation {
    condition     = var.database_storage_gb >= 20
    error_message = "database_storage_gb must be at least 20, the least that gp3 has."
  }
}

variable "database_max_storage_gb" {
  description = "Up to how many GiB RDS lets the storage grow by itself"
  type        = number
  default     = 100

  validation {
    condition     = var.database_max_storage_gb >= ceil(var.database_storage_gb * 1.1)
    error_message = "database_max_storage_gb must be at least a tenth more than database_storage_gb."
  }
}

variable "database_backup_days" {
  description = "How many days back the database can be restored to any second"
  type        = number
  default     = 7

  validation {
    condition     = var.database_backup_days >= 1 && var.database_backup_days <= 35
    error_message = "database_backup_days must be 1 to 35: there are always backups."
  }
}

variable "database_multi_az" {
  description = "Keep a standby in a second availability zone, at twice the price. A run that fails meanwhile is made up for by the next"
  type        = bool
  default     = false
}

variable "setup_image" {
  description = "Image with psql, for the one-off task that prepares the database. It must have sh and a wget that checks certificates"
  type        = string
  default     = "public.ecr.aws/docker/library/postgres:17-alpine"
}

# What is kept beside the database

variable "archive" {
  description = "Keep what is loaded as Parquet in a bucket of its own"
  type        = bool
  default     = false
}

# Who is told, and what it may cost

variable "alert_email" {
  description = "Who is told by e-mail of alarms and of the budget; AWS asks for a confirmation first. Null: only the topic"
  type        = string
  default     = null

  validation {
    condition     = var.alert_email == null || can(regex("^[^@ ]+@[^@ ]+\\.[^@ ]+$", var.alert_email))
    error_message = "alert_email must be an e-mail address or null."
  }
}

variable "alert_webhook" {
  description = "Let the program itself tell a webhook, whose address is put into the secret NAME/alert-webhook"
  type        = bool
  default     = false
}

variable "monthly_budget_usd" {
  description = "USD a month of which the budget alarm tells at 80 % spent and at 100 % forecast"
  type        = number
  default     = 30

  validation {
    condition     = var.monthly_budget_usd > 0
    error_message = "monthly_budget_usd must be more than 0."
  }
}

variable "budget_by_tag" {
  description = "Count only what carries the tag Deployment. Activate it as a cost allocation tag first, or nothing is counted. False: the whole account"
  type        = bool
  default     = false
}
