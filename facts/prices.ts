/** Day on which the prices were taken; the outputs say it. */
export const PRICES_OF = "2026-06-17";

/** What one AWS region costs. */
export interface RegionPrices {
  /**
   * On-demand price of an instance relative to us-east-1: the mean over the families of the table, so that the estimate of one
   * type may be some percent off.
   */
  instanceFactor: number;
  /** US dollars for a gigabyte to the Internet, the first 10 TB of a month. */
  dollarsPerEgressGigabyte: number;
  /** US dollars a month for a gigabyte of a gp3 volume. */
  dollarsPerVolumeGigabyteMonth: number;
}

function prices(instanceFactor: number, egress: number, volume: number): RegionPrices {
  return {
    instanceFactor,
    dollarsPerEgressGigabyte: egress,
    dollarsPerVolumeGigabyteMonth: volume,
  };
}

/** Sources: price lists of EC2 (on demand, data transfer out) and EBS per region. */
export const AWS_REGIONS: Record<string, RegionPrices> = {
  "us-east-1": prices(1, 0.09, 0.08),
  "us-east-2": prices(1, 0.09, 0.08),
  "us-west-2": prices(1, 0.09, 0.08),
  "ca-central-1": prices(1.09, 0.09, 0.088),
  "eu-central-1": prices(1.14, 0.09, 0.0952),
  "eu-west-1": prices(1.07, 0.09, 0.088),
  "eu-west-2": prices(1.19, 0.09, 0.0928),
  "eu-west-3": prices(1.19, 0.09, 0.0928),
  "eu-north-1": prices(1.07, 0.09, 0.0836),
  "eu-south-1": prices(1.2, 0.09, 0.0924),
  "ap-northeast-1": prices(1.26, 0.114, 0.096),
  "ap-south-1": prices(1, 0.1093, 0.0912),
  "ap-southeast-1": prices(1.15, 0.12, 0.096),
  "ap-southeast-2": prices(1.31, 0.114, 0.096),
  "sa-east-1": prices(1.54, 0.15, 0.152),
};

/** US dollars an hour for a public IPv4 address, in use or not, in every region (since February 2024). */
export const DOLLARS_PER_ADDRESS_HOUR = 0.005;

/** Gigabytes to the Internet that an account gets free each month. */
export const FREE_EGRESS_GIGABYTES = 100;
