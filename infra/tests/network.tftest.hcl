# Who reaches what.

mock_provider "aws" {
  source = "./tests/mocks"
}

variables {
  region        = "eu-central-1"
  image_version = "0.1.0"
}

run "by_default" {
  assert {
    condition     = length(aws_nat_gateway.main) == 0 && aws_scheduler_schedule.run.target[0].ecs_parameters[0].network_configuration[0].assign_public_ip
    error_message = "By default the task has a public address, and no NAT gateway is paid for."
  }

  assert {
    condition     = aws_scheduler_schedule.run.target[0].ecs_parameters[0].network_configuration[0].subnets == toset(aws_subnet.public[*].id)
    error_message = "By default the task is in the public subnets, or it has no way to Spotify."
  }

  assert {
    condition     = toset(aws_db_subnet_group.main.subnet_ids) == toset(aws_subnet.private[*].id)
    error_message = "The database must be in the private subnets."
  }

  assert {
    condition     = alltrue([for subnet in concat(aws_subnet.public, aws_subnet.private) : !subnet.map_public_ip_on_launch])
    error_message = "No subnet may give out public addresses by itself."
  }

  assert {
    condition     = toset(aws_route_table_association.private[*].route_table_id) == toset([aws_route_table.private.id]) && aws_route.internet.route_table_id == aws_route_table.public.id && length(aws_route.nat) == 0
    error_message = "The private subnets must have no way to the internet."
  }

  assert {
    condition = (
      aws_vpc_security_group_ingress_rule.database_from_task.referenced_security_group_id == aws_security_group.task.id
      && aws_vpc_security_group_ingress_rule.database_from_task.security_group_id == aws_security_group.database.id
      && aws_vpc_security_group_ingress_rule.database_from_task.from_port == 5432
      && aws_vpc_security_group_ingress_rule.database_from_task.to_port == 5432
      && aws_vpc_security_group_ingress_rule.database_from_task.cidr_ipv4 == null
    )
    error_message = "The database must be open to the task's security group, on 5432, and to no address."
  }

  assert {
    condition     = length(aws_vpc_security_group_ingress_rule.database_from_bi_cidr) + length(aws_vpc_security_group_ingress_rule.database_from_bi_group) == 0
    error_message = "Nobody else may reach the database unless a variable says so."
  }

  assert {
    condition     = aws_vpc_security_group_egress_rule.task_https.from_port == 443 && aws_vpc_security_group_egress_rule.task_https.to_port == 443
    error_message = "The task may go out to HTTPS only."
  }
}

run "behind_a_nat_gateway" {
  variables {
    nat_gateway = true
  }

  assert {
    condition     = length(aws_nat_gateway.main) == 1 && aws_nat_gateway.main[0].subnet_id == aws_subnet.public[0].id && aws_route.nat[0].route_table_id == aws_route_table.private.id
    error_message = "The NAT gateway must stand in a public subnet and serve the private ones."
  }

  assert {
    condition     = !aws_scheduler_schedule.run.target[0].ecs_parameters[0].network_configuration[0].assign_public_ip && aws_scheduler_schedule.run.target[0].ecs_parameters[0].network_configuration[0].subnets == toset(aws_subnet.private[*].id)
    error_message = "With a NAT gateway the task is in the private subnets, without a public address."
  }

  assert {
    condition     = jsondecode(output.job_task).networkConfiguration.awsvpcConfiguration.assignPublicIp == "DISABLED" && toset(jsondecode(output.job_task).networkConfiguration.awsvpcConfiguration.subnets) == toset(aws_subnet.private[*].id)
    error_message = "Tasks that are started by hand run where the scheduled ones do."
  }
}

run "for_bi_tools" {
  variables {
    bi_cidrs              = ["10.8.0.0/24"]
    bi_security_group_ids = ["sg-0abc"]
  }

  assert {
    condition     = aws_vpc_security_group_ingress_rule.database_from_bi_cidr["10.8.0.0/24"].from_port == 5432 && aws_vpc_security_group_ingress_rule.database_from_bi_group["sg-0abc"].from_port == 5432
    error_message = "BI tools must reach the database on 5432."
  }
}
