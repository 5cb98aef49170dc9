-- A crash of the server may take the latest batches with it, but each as a whole and with its place in the ledger, so
-- that the next run loads them again. The run's own last commit waits for the disk, and theirs come before it.
set local synchronous_commit = off
