"""What leaves and enters a case on paper and screen: letters, files, notices, receipts."""
