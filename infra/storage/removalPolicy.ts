import { RemovalPolicy } from 'aws-cdk-lib';

/**
 * What happens to table and bucket with the stack. Those that are kept are kept whatever happens, but
 * for one case: a first deployment that fails takes what it made away again, empty as it is, so that the
 * next one finds nothing in its way (CloudFormation, DeletionPolicy "RetainExceptOnCreate").
 */
export const removalPolicy = (retain: boolean): RemovalPolicy =>
  retain ? RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE : RemovalPolicy.DESTROY;
